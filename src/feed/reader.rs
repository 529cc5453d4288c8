//! Reading rows as the owner of their table said what they mean.

use std::cell::Cell;
use std::ffi::{CStr, CString};
use std::ptr::{self, NonNull};

use pgrx::pg_sys;

use super::known::{Feed, Kind};
use super::notes::Notes;
use crate::pg::guard::{Failure, Guard};
use crate::pg::spool::Spool;
use crate::pg::trigger::{Call, Operation, Side};

type Plan = NonNull<pg_sys::_SPI_plan>;

/// How the rows of one table are read.
pub struct Reader {
    pub kind: Kind,
    /// With whose rights.
    pub role: pg_sys::Oid,
    /// Where functions of the user's look up names.
    pub search_path: String,
    /// What makes of columns of a row what the row means.
    pub function: String,
    /// Those columns, and their types.
    pub columns: Vec<String>,
    pub types: Vec<u32>,
    /// The table that is written to: the root, or a partition.
    pub table: String,
    pub root: String,
    /// Columns by which a row of the root is found again; none where it cannot be.
    pub unique: Vec<String>,
    /// Of the rows before a statement, and of those after it.
    pub plans: [Cell<Option<Plan>>; 2],
}

/// What a row of a table means, column by column.
pub type Columns = [(&'static CStr, pg_sys::Oid)];

pub const EVENT: [(&CStr, pg_sys::Oid); 7] = [
    (c"key", pg_sys::TEXTOID),
    (c"user_id", pg_sys::TEXTOID),
    (c"event", pg_sys::TEXTOID),
    (c"occurred_at", pg_sys::TIMESTAMPTZOID),
    (c"value", pg_sys::NUMERICOID),
    (c"properties", pg_sys::JSONBOID),
    (c"kept", pg_sys::BOOLOID),
];

pub const CONTACT: [(&CStr, pg_sys::Oid); 4] = [
    (c"key", pg_sys::TEXTOID),
    (c"email", pg_sys::TEXTOID),
    (c"properties", pg_sys::JSONBOID),
    (c"kept", pg_sys::BOOLOID),
];

/// The columns of [`EVENT`] and [`CONTACT`] as these types: a reader that somebody has made anew may return others.
const EVENT_SQL: &str = "f.key::pg_catalog.text, f.user_id::pg_catalog.text, f.event::pg_catalog.text, \
    f.occurred_at::pg_catalog.timestamptz, f.value::pg_catalog.numeric, f.properties::pg_catalog.jsonb, f.kept::pg_catalog.bool";
const CONTACT_SQL: &str = "f.key::pg_catalog.text, f.email::pg_catalog.text, f.properties::pg_catalog.jsonb, coalesce(f.kept::pg_catalog.bool, false)";
/// Of a row that cannot be read: whom it is about. The rest of the expressions is not evaluated for that.
const UNREAD_CONTACT_SQL: &str =
    "f.key::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.jsonb, NULL::pg_catalog.bool";

impl Kind {
    pub fn columns(self) -> &'static Columns {
        match self {
            Kind::Events => &EVENT,
            Kind::Contacts => &CONTACT,
        }
    }
}

impl Feed {
    /// What the rows of a transition table mean; `None`: all rows of the table.
    pub fn read(&self, call: &Call, side: Option<Side>, notes: &mut Notes) -> Spool {
        let (source, number) = match side {
            Some(Side::Old) => ("hogsend_old", 0),
            Some(Side::New) => ("hogsend_new", 1),
            None => (self.reader.table.as_str(), usize::MAX),
        };
        self.reader.read(source, number, Named::Of(call), notes)
    }

    /// What those rows mean now that have the keys of rows before or after the statement. The operators are
    /// Postgres's own, whatever others there are in the path.
    pub fn read_again(&self, call: &Call, notes: &mut Notes) -> Spool {
        let unique: Vec<String> = self.reader.unique.iter().map(|name| quoted(name)).collect();
        let same = unique
            .iter()
            .map(|name| format!("r.{name} OPERATOR(pg_catalog.=) k.{name}"));
        let (same, unique) = (same.collect::<Vec<_>>().join(" AND "), unique.join(", "));
        let sides = match call.operation {
            Operation::Insert => &["hogsend_new"][..],
            Operation::Delete => &["hogsend_old"],
            _ => &["hogsend_old", "hogsend_new"],
        };
        let keys = sides
            .iter()
            .map(|side| format!("SELECT {unique} FROM {side}"));
        let keys = keys.collect::<Vec<_>>().join(" UNION ");
        let root = &self.reader.root;
        let source = format!(
            "(SELECT r.* FROM (SELECT DISTINCT * FROM ({keys}) AS k) AS k JOIN {root} AS r ON {same})"
        );
        // SAFETY: what was written so far is to be seen, which the snapshot of the statement outside does not
        // show. It is popped on the success path; on an error it goes with the (sub)transaction.
        unsafe {
            pg_sys::CommandCounterIncrement();
            pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
            let spool = self
                .reader
                .read(&source, usize::MAX, Named::Of(call), notes);
            pg_sys::PopActiveSnapshot();
            spool
        }
    }

    /// What all rows of the table mean.
    pub fn read_all(&self, notes: &mut Notes) -> Spool {
        self.reader
            .read(&self.reader.table, usize::MAX, Named::None, notes)
    }

    /// What the rows of `source` mean, which is SQL for a table, or rows of it.
    pub fn read_of(&self, source: &str, notes: &mut Notes) -> Spool {
        self.reader.read(source, usize::MAX, Named::None, notes)
    }

    /// A place for rows of the table, as far as it is read.
    pub fn place_for_rows(&self) -> Spool {
        let names: Vec<CString> = self
            .reader
            .columns
            .iter()
            .map(|name| c_string(name))
            .collect();
        let names = names.iter().map(CString::as_c_str);
        let columns: Vec<(&CStr, pg_sys::Oid)> = names.zip(self.reader.oids()).collect();
        Spool::of(&columns)
    }

    /// What such rows mean.
    pub fn read_rows(&self, rows: &Spool, notes: &mut Notes) -> Spool {
        self.reader
            .read("hogsend_rows", usize::MAX, Named::Rows(rows), notes)
    }

    /// The columns of the table that are read, of a row `r`.
    pub fn inputs(&self) -> String {
        self.reader.inputs()
    }
}

/// What a source may name besides tables.
#[derive(Clone, Copy)]
enum Named<'a> {
    None,
    /// The transition tables of a trigger's call.
    Of(&'a Call),
    /// `hogsend_rows`.
    Rows(&'a Spool),
}

impl Reader {
    fn guard(&self) -> Guard<'_> {
        Guard {
            role: self.role,
            search_path: &self.search_path,
            time_limit: 0,
        }
    }

    /// All rows at once; and where one of them cannot be read, one by one.
    fn read(&self, source: &str, number: usize, named: Named, notes: &mut Notes) -> Spool {
        let spool = Spool::of(self.kind.columns());
        let plan = self.plans.get(number);
        let done = self.guard().run(|| {
            connected(named, || {
                let plan = kept(plan, || self.all_of(source), &mut []);
                execute(plan, &spool, &[], &[]);
            });
        });
        match done {
            Ok(()) => spool,
            Err(failure) => {
                spool.close();
                self.read_one_by_one(source, named, &failure, notes)
            }
        }
    }

    fn columns(&self) -> &'static str {
        match self.kind {
            Kind::Events => EVENT_SQL,
            Kind::Contacts => CONTACT_SQL,
        }
    }

    fn oids(&self) -> Vec<pg_sys::Oid> {
        let oids = self.types.iter();
        oids.map(|oid| pg_sys::Oid::from(*oid)).collect()
    }

    fn inputs(&self) -> String {
        let columns = self.columns.iter();
        let columns: Vec<String> = columns.map(|name| format!("r.{}", quoted(name))).collect();
        columns.join(", ")
    }

    fn all_of(&self, source: &str) -> String {
        let (columns, function, inputs) = (self.columns(), &self.function, self.inputs());
        format!("SELECT {columns} FROM {source} AS r CROSS JOIN LATERAL {function}({inputs}) AS f")
    }

    fn read_one_by_one(
        &self,
        source: &str,
        named: Named,
        first: &Failure,
        notes: &mut Notes,
    ) -> Spool {
        let spool = Spool::of(self.kind.columns());
        let types = self.oids();
        let nameless: Vec<_> = types.iter().map(|oid| (c"", *oid)).collect();
        // What the function is given, as it is: nothing in this can fail but what concerns all rows.
        let rows = Spool::of(&nameless);
        let taken = self.guard().run(|| {
            connected(named, || {
                let text = format!("SELECT {} FROM {source} AS r", self.inputs());
                execute(prepare(&text, &mut []), &rows, &[], &[]);
            });
        });
        if taken.is_err() {
            notes.fail(1, first.message.clone());
        }
        let places: Vec<String> = (1..=types.len()).map(|n| format!("${n}")).collect();
        let read = |columns: &str, row: &[Option<pg_sys::Datum>]| {
            let (function, places) = (&self.function, places.join(", "));
            let text = format!("SELECT {columns} FROM {function}({places}) AS f");
            let part = Spool::of(self.kind.columns());
            let one = self.guard().run(|| {
                connected(Named::None, || {
                    execute(prepare(&text, &mut types.clone()), &part, &types, row);
                });
            });
            if one.is_ok() {
                spool.take_all_of(&part);
            }
            part.close();
            one
        };
        while let Some(row) = rows.next_row() {
            if let Err(failure) = read(self.columns(), &row) {
                notes.fail(1, failure.message);
                if self.kind == Kind::Contacts {
                    // Whose contact it is, or is no more, must not be lost: if that fails, too, it is noted already.
                    let _ = read(UNREAD_CONTACT_SQL, &row);
                }
            }
        }
        rows.close();
        spool
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn c_string(name: &str) -> CString {
    CString::new(name).expect("a name has no NUL byte")
}

fn connected<R>(named: Named, work: impl FnOnce() -> R) -> R {
    // SAFETY: paired on the success path; after an error Postgres closes the connection itself, with the
    // subtransaction. The trigger's data are those of a running call.
    unsafe {
        expect(pg_sys::SPI_connect());
        match named {
            Named::None => {}
            Named::Of(call) => expect(pg_sys::SPI_register_trigger_data(call.data())),
            Named::Rows(rows) => rows.register_here(c"hogsend_rows"),
        }
        let result = work();
        expect(pg_sys::SPI_finish());
        result
    }
}

fn expect(code: i32) {
    assert!(code >= 0, "SPI returned {code}");
}

/// A plan that is kept, made when it is first wanted.
fn kept(
    place: Option<&Cell<Option<Plan>>>,
    text: impl FnOnce() -> String,
    types: &mut [pg_sys::Oid],
) -> Plan {
    let Some(place) = place else {
        return prepare(&text(), types);
    };
    place.get().unwrap_or_else(|| {
        let plan = prepare(&text(), types);
        // SAFETY: it belongs to this connection; from here on it lives as long as the feed is known.
        expect(unsafe { pg_sys::SPI_keepplan(plan.as_ptr()) });
        place.set(Some(plan));
        plan
    })
}

fn prepare(text: &str, types: &mut [pg_sys::Oid]) -> Plan {
    let text = CString::new(text).expect("SQL of ours has no NUL byte");
    // SAFETY: SPI copies text and types. The plan fits all rows.
    unsafe {
        let options = pg_sys::CURSOR_OPT_GENERIC_PLAN as i32;
        let plan = pg_sys::SPI_prepare_cursor(
            text.as_ptr(),
            types.len() as i32,
            types.as_mut_ptr(),
            options,
        );
        let code = pg_sys::SPI_result;
        NonNull::new(plan).unwrap_or_else(|| panic!("SPI_prepare returned {code}"))
    }
}

fn execute(plan: Plan, into: &Spool, types: &[pg_sys::Oid], values: &[Option<pg_sys::Datum>]) {
    // SAFETY: the values are of the types that the plan was made for, the receiver belongs to this call, and
    // the spool outlives it.
    unsafe {
        let mut params = ptr::null_mut();
        if !values.is_empty() {
            params = pg_sys::makeParamList(values.len() as i32);
            let places = (*params).params.as_mut_ptr();
            for (n, (value, ptype)) in values.iter().zip(types).enumerate() {
                *places.add(n) = pg_sys::ParamExternData {
                    value: value.unwrap_or(pg_sys::Datum::from(0)),
                    isnull: value.is_none(),
                    pflags: 0,
                    ptype: *ptype,
                };
            }
        }
        let options = pg_sys::SPIExecuteOptions {
            params,
            read_only: true,
            dest: into.receiver(),
            ..Default::default()
        };
        expect(pg_sys::SPI_execute_plan_extended(plan.as_ptr(), &options));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for plan in self.plans.iter().filter_map(Cell::take) {
            // SAFETY: kept by us and no longer reachable; whoever runs it holds the feed.
            unsafe { pg_sys::SPI_freeplan(plan.as_ptr()) };
        }
    }
}
