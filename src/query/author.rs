//! Who defined a query: it runs with their rights, so nobody else may say what it is.
//!
//! The trigger runs with the rights of whoever writes the row, because it takes down who that is. It
//! runs no SQL: operators would be looked up in the writer's search_path.

use std::ffi::CStr;

use pgrx::datum::FromDatum;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::error::Refusal;
use crate::pg::role;
use crate::pg::sql::text_datum;
use crate::pg::trigger::{Call, Operation, trigger_function};

trigger_function!(
    hogsend_sign_bucket,
    pg_finfo_hogsend_sign_bucket,
    sign_bucket
);

/// A row on its way into the table.
struct Draft {
    tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
}

impl Draft {
    fn number(&self, column: &CStr) -> Option<i32> {
        // SAFETY: the descriptor is the table's, which the statement has open.
        let (number, oid) = unsafe {
            let number = pg_sys::SPI_fnumber(self.descriptor, column.as_ptr());
            (number, pg_sys::SPI_gettypeid(self.descriptor, number))
        };
        (number > 0 && oid == pg_sys::TEXTOID).then_some(number)
    }

    fn text(&self, column: &CStr) -> Option<String> {
        let number = self.number(column)?;
        let mut is_null = false;
        // SAFETY: the tuple is of this descriptor, and the column is text.
        unsafe {
            let value = pg_sys::SPI_getbinval(self.tuple, self.descriptor, number, &mut is_null);
            String::from_datum(value, is_null)
        }
    }

    fn with(self, column: &CStr, value: Option<&str>) -> Draft {
        let Some(mut number) = self.number(column) else {
            return self;
        };
        let mut is_null = value.is_none();
        let mut datum = value.map_or(pg_sys::Datum::from(0), text_datum);
        // SAFETY: one column of that number; what comes back is a copy.
        let tuple = unsafe {
            pg_sys::heap_modify_tuple_by_cols(
                self.tuple,
                self.descriptor,
                1,
                &mut number,
                &mut datum,
                &mut is_null,
            )
        };
        Draft { tuple, ..self }
    }
}

fn sign_bucket(call: &Call) -> pg_sys::HeapTuple {
    let Some((old, new)) = drafts(call) else {
        let code = PgSqlErrorCode::ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED;
        Refusal::new(
            code,
            "hogsend_sign_bucket() is for each row, before it is written",
        )
        .hint("hogsend_migrate() creates the trigger that calls it.")
        .raise()
    };
    if new.text(c"kind").as_deref() != Some("query") {
        let unsigned = new.with(c"query_role", None).with(c"query_path", None);
        return unsigned.tuple;
    }
    let path = new.text(c"query_path").unwrap_or_else(role::search_path);
    let given = new.text(c"query_role");
    let role = match old {
        None => given.map_or_else(role::current_name, becoming),
        Some(old) if given != old.text(c"query_role") => {
            given.map_or_else(role::current_name, becoming)
        }
        // Where the names of a query are looked up is a part of what it says.
        Some(old)
            if old.text(c"kind").as_deref() != Some("query")
                || old.text(c"query") != new.text(c"query")
                || old.text(c"query_path").as_ref() != Some(&path) =>
        {
            role::current_name()
        }
        Some(_) => given.unwrap_or_else(role::current_name),
    };
    let signed = new.with(c"query_role", Some(&role));
    signed.with(c"query_path", Some(&path)).tuple
}

/// A role that the writer could as well have set before: whoever may write definitions may not run
/// SQL as anybody else. A superuser may restore a dump before its roles.
fn becoming(name: String) -> String {
    let (me, them) = (role::current(), role::by_name(&name));
    match them {
        Some(them) if role::may_become(me, them) => name,
        None if role::is_superuser(me) => name,
        Some(_) => Refusal::new(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("the query cannot run as role \"{name}\""),
        )
        .detail("A query runs with the rights of the role that defined it.")
        .hint("Leave query_role out, or SET ROLE first.")
        .raise(),
        None => Refusal::unknown(format!("role \"{name}\" does not exist"))
            .detail("A query runs with the rights of the role that defined it.")
            .hint("Leave query_role out.")
            .raise(),
    }
}

/// The row before, if there is one, and the row to be.
fn drafts(call: &Call) -> Option<(Option<Draft>, Draft)> {
    // SAFETY: Postgres passed valid trigger data, whose tuples are of the relation's descriptor.
    unsafe {
        let data = call.data();
        let wanted = pg_sys::TRIGGER_EVENT_ROW | pg_sys::TRIGGER_EVENT_BEFORE;
        if (*data).tg_event & wanted != wanted {
            return None;
        }
        let descriptor = (*(*data).tg_relation).rd_att;
        let draft = |tuple| Draft { tuple, descriptor };
        match call.operation {
            Operation::Insert => Some((None, draft((*data).tg_trigtuple))),
            Operation::Update => Some((
                Some(draft((*data).tg_trigtuple)),
                draft((*data).tg_newtuple),
            )),
            Operation::Delete | Operation::Truncate => None,
        }
    }
}
