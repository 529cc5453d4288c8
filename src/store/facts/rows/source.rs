//! Where rows come from: row by row out of the index where that can be done without SQL, and in rounds of
//! growing size where not.

use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use super::reading::Reading;
use crate::pg::context::Context;
use crate::pg::direct::{Direction, Latest, Source, Table};
use crate::pg::event_row::Event;
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::store::facts::EVENTS;

static ROWS: Source<5> = Source {
    table: c"user_events",
    key: EVENTS.key,
    compared: EVENTS.compared,
    columns: [
        Column::instant(c"occurred_at"),
        Column::bigint(c"id").optional(),
        Column::json(c"properties").optional(),
        Column::numeric(c"value").optional(),
        Column::text(c"source").optional(),
    ],
};

/// The same with whose they are, last.
static EVERYBODYS: Source<6> = Source {
    table: ROWS.table,
    key: EVENTS.key,
    compared: EVENTS.compared,
    columns: [
        Column::instant(c"occurred_at"),
        Column::bigint(c"id").optional(),
        Column::json(c"properties").optional(),
        Column::numeric(c"value").optional(),
        Column::text(c"source").optional(),
        Column::user(c"user_id"),
    ],
};

/// And with its name, for whoever reads them in the order in which they lie.
pub(super) static THROUGH: Source<7> = Source {
    table: ROWS.table,
    key: EVENTS.key,
    compared: EVENTS.compared,
    columns: [
        Column::instant(c"occurred_at"),
        Column::bigint(c"id").optional(),
        Column::json(c"properties").optional(),
        Column::numeric(c"value").optional(),
        Column::text(c"source").optional(),
        Column::user(c"user_id"),
        Column::key(c"event"),
    ],
};
pub(super) const THROUGH_USER: usize = 5;
pub(super) const THROUGH_EVENT: usize = 6;

/// Where in a row of the source, or of a statement that begins with the question's number, stands what
/// filters ask for.
pub(super) const OF_EVENT: [usize; 3] = [2, 3, 4];
pub(super) const OF_EVENT_IN_SQL: [usize; 3] = [4, 5, 6];

/// Hands to each of the readings its rows, until it wants no more.
pub(super) fn read(session: &Session, direction: Direction, readings: &mut [Reading]) {
    if readings.is_empty() {
        return;
    }
    let directly = |context| read_directly(context, direction, readings);
    if session.direct().and_then(directly).is_some() {
        return;
    }
    let statement = match direction {
        Direction::Backward => &BACKWARD,
        Direction::Forward => &FORWARD,
    };
    read_in_sql(session, statement, direction, readings);
}

/// `None`: it is to be done in SQL.
pub(super) fn read_directly(
    context: &Context,
    direction: Direction,
    readings: &mut [Reading],
) -> Option<()> {
    let table = Table::open(context, &ROWS, false)?;
    let snapshot = Latest::take();
    let mut visited: u32 = 0;
    for reading in readings {
        let of = (reading.user, reading.event);
        let before = reading.of.until;
        table.along(&snapshot, direction, of, before, |row| {
            visited = visited.wrapping_add(1);
            if visited.is_multiple_of(1024) {
                pgrx::check_for_interrupts!();
            }
            let at = Instant(row.bigint(0).unwrap_or(i64::MIN));
            reading.take(at, row.bigint(1).unwrap_or(0), &row.event(OF_EVENT))
        });
        reading.is_done = true;
    }
    snapshot.release();
    table.close();
    Some(())
}

/// Visits the rows of one event of all users from the first to the last of two, until `visit` returns
/// false: whose, when, which, and the row. `None`: that can be done in SQL only.
pub(super) fn of_all_between(
    session: &Session,
    users: (&str, &str),
    event: &str,
    mut visit: impl FnMut(&str, Instant, i64, &Event) -> bool,
) -> Option<()> {
    let table = Table::open(session.direct()?, &EVERYBODYS, false)?;
    let snapshot = Latest::take();
    table.between(&snapshot, users, event, |row| {
        let at = Instant(row.bigint(0).unwrap_or(i64::MIN));
        let (id, event) = (row.bigint(1).unwrap_or(0), row.event(OF_EVENT));
        row.text(5).is_none_or(|user| visit(user, at, id, &event))
    });
    snapshot.release();
    table.close();
    Some(())
}

/// How many rows of each are read by the first statement, by how much more by each further one, and at most.
const FIRST_ROUND: i64 = 64;
const GROWTH: i64 = 8;
const LARGEST: i64 = 32_768;

/// The index has no ids, so rows of one instant come in any order, and those that came last come again with
/// the next round; its depth is so much more.
static BACKWARD: Statement = Statement::new(
    "SELECT q.n, e.occurred_at, e.id, e.properties, e.value, e.source
     FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS q (user_id, event, at, depth, n)
     CROSS JOIN LATERAL (
         SELECT e.occurred_at, e.id, e.properties, e.value, e.source FROM {s}.user_events e
         WHERE e.user_id = q.user_id AND e.event = q.event AND e.occurred_at <= q.at
         ORDER BY e.occurred_at DESC LIMIT q.depth) e",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);
static FORWARD: Statement = Statement::new(
    "SELECT q.n, e.occurred_at, e.id, e.properties, e.value, e.source
     FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS q (user_id, event, at, depth, n)
     CROSS JOIN LATERAL (
         SELECT e.occurred_at, e.id, e.properties, e.value, e.source FROM {s}.user_events e
         WHERE e.user_id = q.user_id AND e.event = q.event AND e.occurred_at >= q.at
         ORDER BY e.occurred_at LIMIT q.depth) e",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);

fn read_in_sql(
    session: &Session,
    statement: &'static Statement,
    direction: Direction,
    readings: &mut [Reading],
) {
    let mut most = FIRST_ROUND;
    loop {
        let mut open: Vec<&mut Reading> = readings.iter_mut().filter(|r| !r.is_done).collect();
        if open.is_empty() {
            return;
        }
        // Few at a time, so that a statement returns no more than that many rows for one of them.
        let together = (LARGEST / most).max(1) as usize;
        for readings in open.chunks_mut(together) {
            pgrx::check_for_interrupts!();
            session.nested(|session| read_round(session, statement, direction, readings, most));
        }
        most = (most * GROWTH).min(LARGEST);
    }
}

fn read_round(
    session: &Session,
    statement: &'static Statement,
    direction: Direction,
    readings: &mut [&mut Reading],
    most: i64,
) {
    let is_backward = direction == Direction::Backward;
    let users: Vec<&str> = readings.iter().map(|reading| reading.user).collect();
    let events: Vec<&str> = readings.iter().map(|reading| reading.event).collect();
    let beginning = |reading: &Reading| match (reading.last, reading.of.until) {
        (Some(last), _) => last,
        (None, Some(until)) if is_backward => until.minus(Span::MICROSECOND),
        (None, _) if is_backward => Instant::INFINITY,
        (None, _) => Instant::NEG_INFINITY,
    };
    let instants: Vec<Option<Instant>> = readings.iter().map(|r| Some(beginning(r))).collect();
    let depths: Vec<i64> = readings
        .iter()
        .map(|r| most + r.came.len() as i64)
        .collect();
    let arguments = [
        Arg::Texts(&users),
        Arg::Texts(&events),
        Arg::Instants(&instants),
        Arg::BigInts(&depths),
    ];
    session.context().require_event_rows();
    let rows = session.execute(statement, &arguments);
    let key = |rows: &Rows, row: usize| {
        let at = rows.instant(row, 2).unwrap_or(Instant::NEG_INFINITY);
        (at, rows.bigint(row, 3).unwrap_or(0))
    };
    let mut of_each: Vec<Vec<usize>> = vec![Vec::new(); readings.len()];
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            of_each[n as usize - 1].push(row);
        }
    }
    for ((reading, mut of_it), depth) in readings.iter_mut().zip(of_each).zip(depths) {
        // The inner order is not promised across a join.
        of_it.sort_unstable_by_key(|row| key(&rows, *row));
        if is_backward {
            of_it.reverse();
        }
        let is_last = (of_it.len() as i64) < depth;
        for row in of_it {
            let (at, id) = key(&rows, row);
            if reading.last != Some(at) {
                reading.came.clear();
            }
            if !reading.came.insert(id) {
                continue;
            }
            if !reading.take(at, id, &rows.event(row, OF_EVENT_IN_SQL)) {
                break;
            }
        }
        reading.is_done |= is_last;
    }
}
