//! A query, read, checked and run. Everything here raises errors, and is called behind the guard.

use std::ffi::{CStr, CString};
use std::ptr::{self, NonNull};

use pgrx::{PgList, pg_sys};

use crate::pg::error::Refusal;
use crate::pg::spool::Spool;
use crate::pg::sql::text_datum;

/// The members, each once, in byte order. The line breaks end comments.
const MEMBERS: [&str; 2] = [
    "SELECT DISTINCT q.user_id::pg_catalog.text COLLATE pg_catalog.\"C\" FROM (\n",
    "\n) AS q (user_id) WHERE q.user_id::pg_catalog.text OPERATOR(pg_catalog.<>) '' ORDER BY 1",
];
const ONE: [&str; 2] = [
    "SELECT true FROM (\n",
    "\n) AS q (user_id) WHERE q.user_id::pg_catalog.text OPERATOR(pg_catalog.=) $1 LIMIT 1",
];

type Plan = NonNull<pg_sys::_SPI_plan>;

/// Sees that a query can be run: that it is one, and that whoever runs it may.
pub fn check(text: &str) {
    connected(|| {
        let body = body_of(text);
        let plan = prepare(&wrapped(MEMBERS, body), &mut []);
        // Starting it asks for the rights on its tables, and whether it only reads.
        // SAFETY: the plan takes no arguments; the portal is closed unread.
        unsafe {
            let none = ptr::null_mut();
            let portal =
                pg_sys::SPI_cursor_open(ptr::null(), plan.as_ptr(), none, ptr::null(), true);
            pg_sys::SPI_cursor_close(portal);
        }
    });
}

/// Runs a query into a spool, which must have been made outside of the guard. It sees everything that
/// is committed by now, if it is to: whoever waited for another refresh must not take members back to
/// what they were before it.
pub fn members(text: &str, into: &Spool, now: bool) {
    connected(|| {
        let body = body_of(text);
        let plan = prepare(&wrapped(MEMBERS, body), &mut []);
        // SAFETY: the receiver belongs to this call, and the spool outlives it.
        unsafe {
            let options = pg_sys::SPIExecuteOptions {
                read_only: true,
                dest: into.receiver(),
                ..Default::default()
            };
            if now {
                pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
            }
            let code = pg_sys::SPI_execute_plan_extended(plan.as_ptr(), &options);
            expect(code, pg_sys::SPI_OK_SELECT);
            if now {
                pg_sys::PopActiveSnapshot();
            }
        }
    });
}

/// Whether a query returns a user.
pub fn returns(text: &str, user: &str) -> bool {
    connected(|| {
        let body = body_of(text);
        let plan = prepare(&wrapped(ONE, body), &mut [pg_sys::TEXTOID]);
        let mut values = [text_datum(user)];
        // SAFETY: one argument of the type that the plan was made for.
        unsafe {
            let code =
                pg_sys::SPI_execute_plan(plan.as_ptr(), values.as_mut_ptr(), ptr::null(), true, 1);
            expect(code, pg_sys::SPI_OK_SELECT);
            pg_sys::SPI_processed > 0
        }
    })
}

fn connected<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: paired on the success path; after an error Postgres closes the connection itself, with
    // the subtransaction.
    unsafe {
        expect(pg_sys::SPI_connect(), pg_sys::SPI_OK_CONNECT);
        let result = work();
        expect(pg_sys::SPI_finish(), pg_sys::SPI_OK_FINISH);
        result
    }
}

fn expect(code: i32, wanted: u32) {
    assert!(code == wanted as i32, "SPI returned {code}");
}

fn wrapped(around: [&str; 2], body: &str) -> String {
    let [before, after] = around;
    format!("{before}{body}{after}")
}

fn refusal(message: &str, detail: impl Into<String>) -> Refusal {
    Refusal::invalid(message)
        .detail(detail)
        .hint("Give one SELECT, WITH or VALUES that returns one column, the ids of the members.")
}

/// The statement without what ends it, if it is the only one, reads only, and has one column that
/// can be an id.
fn body_of(text: &str) -> &str {
    let Ok(whole) = CString::new(text) else {
        refusal("the query has a NUL byte", "SQL has none.").raise()
    };
    // SAFETY: the parser copies the text; nodes are looked at as what their tags say they are.
    let (location, length) = unsafe {
        let statements = PgList::<pg_sys::RawStmt>::from_pg(pg_sys::pg_parse_query(whole.as_ptr()));
        let statement = match statements.len() {
            0 => refusal("the query is empty", "There is no statement in it.").raise(),
            1 => statements.get_ptr(0).unwrap_or(ptr::null_mut()),
            n => refusal(
                "the query is more than one statement",
                format!("It has {n} statements."),
            )
            .raise(),
        };
        require_select((*statement).stmt);
        ((*statement).stmt_location, (*statement).stmt_len)
    };
    require_one_column(prepare(text, &mut []));
    let rest = text.get(location.max(0) as usize..).unwrap_or(text);
    match usize::try_from(length) {
        Ok(length) if length > 0 => rest.get(..length).unwrap_or(rest),
        _ => rest,
    }
}

unsafe fn require_select(node: *mut pg_sys::Node) {
    // SAFETY: the parser made the node.
    unsafe {
        if (*node).type_ != pg_sys::NodeTag::T_SelectStmt {
            let tag = pg_sys::GetCommandTagName(pg_sys::CreateCommandTag(node));
            let command = CStr::from_ptr(tag).to_string_lossy();
            refusal("the query is no SELECT", format!("It is {command}.")).raise()
        }
        let select = node.cast::<pg_sys::SelectStmt>();
        let mut leftmost = select;
        while !(*leftmost).larg.is_null() {
            leftmost = (*leftmost).larg;
        }
        if !(*leftmost).intoClause.is_null() {
            refusal(
                "the query must not store what it returns",
                "It has an INTO.",
            )
            .raise()
        }
        if !(*select).lockingClause.is_null() {
            refusal(
                "the query must not lock what it reads",
                "It has a FOR UPDATE or the like.",
            )
            .raise()
        }
        if (*select).withClause.is_null() {
            return;
        }
        let tables = PgList::<pg_sys::CommonTableExpr>::from_pg((*(*select).withClause).ctes);
        for table in tables.iter_ptr() {
            if (*(*table).ctequery).type_ != pg_sys::NodeTag::T_SelectStmt {
                let name = CStr::from_ptr((*table).ctename).to_string_lossy();
                let detail = format!("\"{name}\" of its WITH is no SELECT.");
                refusal("the query must only read", detail).raise()
            }
        }
    }
}

fn prepare(text: &str, types: &mut [pg_sys::Oid]) -> Plan {
    let Ok(text) = CString::new(text) else {
        refusal("the query has a NUL byte", "SQL has none.").raise()
    };
    // SAFETY: SPI copies text and types.
    unsafe {
        let plan = pg_sys::SPI_prepare(text.as_ptr(), types.len() as i32, types.as_mut_ptr());
        let code = pg_sys::SPI_result;
        NonNull::new(plan).unwrap_or_else(|| panic!("SPI_prepare returned {code}"))
    }
}

fn require_one_column(plan: Plan) {
    // SAFETY: the plan was made of one statement that returns rows, so it has one source with a
    // description of them.
    unsafe {
        let sources = PgList::<pg_sys::CachedPlanSource>::from_pg(
            pg_sys::SPI_plan_get_plan_sources(plan.as_ptr()),
        );
        let Some(source) = sources.get_ptr(0) else {
            refusal(
                "the query returns nothing",
                "It was rewritten to no statement.",
            )
            .raise()
        };
        let rows = (*source).resultDesc;
        let columns = if rows.is_null() { 0 } else { (*rows).natts };
        if columns != 1 {
            refusal(
                "the query must return one column",
                format!("It returns {columns}."),
            )
            .raise()
        }
        let named = pg_sys::SPI_gettypeid(rows, 1);
        if !matches!(
            pg_sys::getBaseType(named),
            pg_sys::TEXTOID
                | pg_sys::VARCHAROID
                | pg_sys::INT2OID
                | pg_sys::INT4OID
                | pg_sys::INT8OID
                | pg_sys::UUIDOID
        ) {
            let name = CStr::from_ptr(pg_sys::format_type_be(named)).to_string_lossy();
            Refusal::invalid("the query returns no ids")
                .detail(format!("Its column is of type {name}."))
                .hint("Return text, an integer, bigint or uuid; a cast (::text) makes one.")
                .raise()
        }
        let tables = PgList::<pg_sys::Oid>::from_pg((*source).relationOids);
        for table in tables.iter_oid() {
            if pg_sys::isAnyTempNamespace(pg_sys::get_rel_namespace(table)) {
                Refusal::invalid("the query must not read a temporary table")
                    .detail("Each session has its own, and the query is run by others.")
                    .hint("Store what it is to read in an ordinary table.")
                    .raise()
            }
        }
    }
}
