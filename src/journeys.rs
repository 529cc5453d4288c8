//! Statements on `journeys`: what is defined is to be known to all, and said where it cannot be meant.
//!
//! Whether a definition may be stored at all is checked before, in sql/journeys.sql.

use crate::delivery::Outbox;
use crate::pg::locks;
use crate::pg::sql::{Session, Statement};
use crate::pg::trigger::{Call, Operation, Side, trigger_function};
use crate::store::runs::live::orphaned;
use crate::{define, registry, runs, warnings};

trigger_function!(
    hogsend_on_journeys,
    pg_finfo_hogsend_on_journeys,
    on_journeys
);

trigger_function!(
    hogsend_before_journeys,
    pg_finfo_hogsend_before_journeys,
    before_journeys
);

/// As of buckets, a definition comes before everybody who is evaluated with it.
fn before_journeys(call: &Call) {
    let definitions = locks::own_definitions(&call.context);
    if call.operation == Operation::Insert {
        // Who waits in the queue did what they did before there was the journey.
        define::work_off_queue(&definitions);
    }
}

fn on_journeys(call: &Call) {
    call.context.require_columns();
    // INSERT … ON CONFLICT DO UPDATE is both, and mostly one of them alone.
    let writes = matches!(call.operation, Operation::Insert | Operation::Update);
    if writes && call.has_none(Side::New) {
        return;
    }
    locks::own_definitions(&call.context);
    registry::journeys::announce_change(&call.context);
    Session::write(&call.context, |session| {
        session.register_transition_tables(call.data());
        if is_about_another_installation(session, call.operation) {
            // Whether anything is evaluated here is known with the buckets.
            registry::announce_change(&call.context);
        }
        match call.operation {
            Operation::Insert => warnings::of_journeys::say(session, &BEGUN),
            Operation::Update => warnings::of_journeys::say(session, &CHANGED),
            Operation::Delete | Operation::Truncate => end_runs(session, call.operation),
        }
    });
}

macro_rules! names {
    ($from:literal, $where:literal) => {
        Statement::new(
            concat!(
                "SELECT n.id, h.list, h.name FROM ",
                $from,
                " CROSS JOIN LATERAL (
                     SELECT 'starts_on', s.name, s.n FROM unnest(n.starts_on) WITH ORDINALITY AS s (name, n) UNION ALL
                     SELECT 'exits_on', e.name, e.n FROM unnest(n.exits_on) WITH ORDINALITY AS e (name, n)) AS h (list, name, n)
                 WHERE ",
                $where,
                " GROUP BY n.id, h.list, h.name ORDER BY n.id, h.list DESC, min(h.n)"
            ),
            &[],
        )
    };
}
static DELETED: Statement = Statement::new("SELECT o.id FROM hogsend_old o ORDER BY o.id", &[]);

/// Ends the runs of journeys that are no more, and tells their runners.
fn end_runs(session: &Session, operation: Operation) {
    let gone: Vec<String> = match operation {
        // Which they were is not known any more.
        Operation::Truncate => orphaned(session),
        _ => {
            let rows = session.execute_once(&DELETED, &[]);
            let ids = (0..rows.len()).filter_map(|row| rows.text(row, 1).map(str::to_owned));
            ids.collect()
        }
    };
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let mut outbox = Outbox::default();
    runs::journeys_gone(session, &gone, &mut outbox);
    outbox.send();
}

/// The names that definitions bring, each with the list that it stands in.
static BEGUN: Statement = names!("hogsend_new n", "true");
/// The same of those that it changes: what it does not name is not new.
static CHANGED: Statement = names!(
    "hogsend_new n JOIN hogsend_old o USING (id)",
    "h.name <> ALL (o.starts_on || o.exits_on)"
);

macro_rules! foreign {
    ($($rows:literal),+) => {
        Statement::new(
            concat!(
                "SELECT FROM {s}.hogsend_instance i WHERE false",
                $(" OR EXISTS (SELECT FROM ", $rows, " r WHERE r.instance_id IS DISTINCT FROM i.id)"),+
            ),
            &[],
        )
    };
}
static NEW_ARE_FOREIGN: Statement = foreign!("hogsend_new");
static OLD_ARE_FOREIGN: Statement = foreign!("hogsend_old");
static ANY_IS_FOREIGN: Statement = foreign!("hogsend_new", "hogsend_old");

/// Whether a journey of another installation comes, goes or becomes one of this.
fn is_about_another_installation(session: &Session, operation: Operation) -> bool {
    let statement = match operation {
        Operation::Insert => &NEW_ARE_FOREIGN,
        Operation::Update => &ANY_IS_FOREIGN,
        Operation::Delete => &OLD_ARE_FOREIGN,
        Operation::Truncate => return true,
    };
    !session.execute_once(statement, &[]).is_empty()
}
