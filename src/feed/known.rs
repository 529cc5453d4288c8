//! What a session knows of the feeds whose tables it writes to.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pgrx::pg_sys;

use super::altered;
use super::reader::Reader;
use crate::pg::context::Context;
use crate::pg::memory;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::pg::subtransaction::attempt;
use crate::pg::trigger::Call;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Events,
    Contacts,
}

/// A feed, for one table that is written to: the one that was attached, or a partition of it.
pub struct Feed {
    pub name: String,
    pub kind: Kind,
    /// Whether a user whose row is deleted is erased, and not marked.
    pub forgets: bool,
    /// The properties that it owns, where they were listed.
    pub owned: Option<Vec<String>>,
    /// Whether it owns the e-mail address.
    pub owns_email: bool,
    /// Whether the key is a column, of which a unique index says that no two rows have the same.
    pub key_is_column: bool,
    /// Whether what the table had when it was attached is not all there yet.
    pub imports: bool,
    /// Whether what it writes, or what is evaluated then, may be refused.
    pub is_altered: bool,
    pub repeats: Repeats,
    pub(super) reader: Reader,
}

/// How often an import has come to rows whose events were there already, and for how many parts of it that is
/// taken to go on.
#[derive(Default)]
pub struct Repeats {
    met: Cell<u32>,
    parts: Cell<u32>,
}

impl Repeats {
    /// After each time it is asked twice as often before it is tried again.
    const MOST: u32 = 6;

    pub fn note(&self) {
        self.parts.set(1 << self.met.get());
        self.met.set((self.met.get() + 1).min(Repeats::MOST));
    }

    /// Whether the next part is taken to have none.
    pub fn are_unlikely(&self) -> bool {
        let parts = self.parts.get();
        self.parts.set(parts.saturating_sub(1));
        parts == 0
    }
}

/// What all of it rests on: the context, and changes of feeds, of tables, and of functions.
type Basis = (u64, u64, u64, u64);

thread_local! {
    static FEEDS: RefCell<HashMap<(pg_sys::Oid, String), Rc<Feed>>> = RefCell::new(HashMap::new());
    static BASIS: Cell<Basis> = const { Cell::new((0, 0, 0, 0)) };
    static TABLE: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
}

fn basis(context: &Context) -> Basis {
    (
        context.number,
        memory::changes_of(TABLE.get()),
        memory::alterations(),
        memory::catalog_changes(),
    )
}

/// Tells every backend, with our commit, that a feed is another one.
pub fn announce_change(context: &Context) {
    memory::announce(context.table(c"feeds"));
}

// Reading it takes no rights but those of our definer.
static FEED: Statement = Statement::new(
    "SELECT f.kind, f.on_delete = 'forget', to_json(f.owned)::text, f.fields ? 'email', f.import <> 'done',
            CASE WHEN EXISTS (SELECT FROM pg_depend d LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = reader.function
                                AND (d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass) OR t.typtype <> 'e'))
                 THEN f.search_path ELSE 'pg_catalog' END,
            root.oid::bigint, root.relowner::bigint, format('%I.%I', n.nspname, root.relname),
            (SELECT format('%I.%I', s.nspname, p.proname)
             FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace WHERE p.oid = reader.function),
            to_json(reader.columns)::text,
            (SELECT json_agg(p::oid::bigint ORDER BY n)::text FROM pg_proc f, unnest(f.proargtypes) WITH ORDINALITY AS u (p, n) WHERE f.oid = reader.function),
            (SELECT format('%I.%I', m.nspname, c.relname)
             FROM pg_class c JOIN pg_namespace m ON m.oid = c.relnamespace WHERE c.oid = $2::oid),
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = root.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND quote_ident(a.attname) = btrim(f.fields ->> 'key')),
            (SELECT json_agg(a.attname ORDER BY k.n)::text
             FROM (SELECT i.indkey, i.indnkeyatts FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND NOT c.relforcerowsecurity
                   WHERE i.indrelid = root.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                     AND NOT EXISTS (SELECT FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, n)
                                     JOIN pg_attribute a ON a.attrelid = root.oid AND a.attnum = k.number
                                     WHERE k.n <= i.indnkeyatts AND NOT a.attnotnull)
                   -- The row of a key, rather than one that had another before.
                   ORDER BY i.indnkeyatts = 1 AND EXISTS (
                                SELECT FROM pg_attribute a
                                WHERE a.attrelid = root.oid AND a.attnum = (i.indkey::smallint[])[0]
                                  AND quote_ident(a.attname) = btrim(f.fields ->> CASE f.kind WHEN 'events' THEN 'key' ELSE 'user_id' END)) DESC,
                            i.indisprimary DESC, i.indexrelid LIMIT 1) AS i
             CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, n)
             JOIN pg_attribute a ON a.attrelid = root.oid AND a.attnum = k.number
             WHERE k.n <= i.indnkeyatts)
     FROM {s}.feeds f
     CROSS JOIN (SELECT c.oid, c.relowner, c.relname, c.relnamespace FROM pg_class c
                 WHERE c.oid = coalesce(pg_partition_root($2::oid::regclass), $2::oid)) AS root
     JOIN pg_namespace n ON n.oid = root.relnamespace
     LEFT JOIN LATERAL {s}.hogsend_feed_reader(f.name, root.oid::regclass) AS reader ON true
     WHERE f.name = $1",
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

impl Feed {
    /// The feed of a trigger's call.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn of(call: &Call, name: &str) -> Result<Rc<Feed>, String> {
        Feed::of_table(&call.context, name, call.relation())
    }

    /// The feed of a table: the one that was attached, or a partition of it.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn of_table(context: &Context, name: &str, table: pg_sys::Oid) -> Result<Rc<Feed>, String> {
        if TABLE.get() == pg_sys::InvalidOid || BASIS.get() != basis(context) {
            TABLE.set(context.table(c"feeds"));
            context.watch_tables();
            BASIS.set(basis(context));
            FEEDS.take();
        }
        let key = (table, name.to_owned());
        if let Some(feed) = FEEDS.with_borrow(|feeds| feeds.get(&key).cloned()) {
            return Ok(feed);
        }
        memory::watch(table);
        // What it asks may be gone, or altered.
        let feed = Rc::new(attempt(|| Feed::look_up(context, name, table))??);
        if BASIS.get() == basis(context) {
            FEEDS.with_borrow_mut(|feeds| feeds.insert(key, Rc::clone(&feed)));
        }
        Ok(feed)
    }

    fn look_up(context: &Context, name: &str, table: pg_sys::Oid) -> Result<Feed, String> {
        Session::write(context, |session| {
            let arguments = [Arg::Text(name), Arg::BigInt(i64::from(table.to_u32()))];
            let rows = session.execute(&FEED, &arguments);
            if rows.is_empty() {
                return Err(format!("table \"feeds\" has no feed \"{name}\""));
            }
            let text = |column| rows.text(0, column).unwrap_or_default().to_owned();
            let Some(function) = rows.text(0, 10) else {
                return Err(format!(
                    "the view and the function that read {} are gone, or do not belong to its owner",
                    text(9)
                ));
            };
            let oid = |column| oid_of(&rows, column);
            memory::watch(oid(7));
            let kind = match text(1).as_str() {
                "contacts" => Kind::Contacts,
                _ => Kind::Events,
            };
            Ok(Feed {
                name: name.to_owned(),
                kind,
                forgets: rows.bool(0, 2).unwrap_or_default(),
                owned: rows
                    .text(0, 3)
                    .and_then(|list| serde_json::from_str(list).ok()),
                owns_email: rows.bool(0, 4).unwrap_or_default(),
                imports: rows.bool(0, 5).unwrap_or_default(),
                key_is_column: rows.bool(0, 14).unwrap_or_default(),
                is_altered: altered::may_refuse(context),
                repeats: Repeats::default(),
                reader: Reader {
                    kind,
                    role: oid(8),
                    search_path: text(6),
                    function: function.to_owned(),
                    columns: list(rows.text(0, 11)),
                    types: list(rows.text(0, 12)),
                    table: text(13),
                    root: text(9),
                    unique: list(rows.text(0, 15)),
                    plans: Default::default(),
                },
            })
        })
    }
}

fn list<T: serde::de::DeserializeOwned>(json: Option<&str>) -> Vec<T> {
    json.and_then(|list| serde_json::from_str(list).ok())
        .unwrap_or_default()
}

fn oid_of(rows: &Rows, column: usize) -> pg_sys::Oid {
    let number = rows.bigint(0, column).unwrap_or_default();
    pg_sys::Oid::from(u32::try_from(number).unwrap_or_default())
}
