//! Occurrences of series that are told by more than their event's name: the rows themselves are read,
//! from the latest back, and the filter says which of them count.
//!
//! How many rows that takes nobody knows before. So they are read until enough has come, row by row
//! where that can be done without SQL, and in rounds of growing size where not. Of several events each
//! is read by itself until it alone would be enough, and what all of them tell is taken together.

use std::collections::{HashMap, HashSet};

use hogsend_core::criteria::{Enough, EventRow, SeriesOf};
use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use super::{BY_RANK, DENSE, EVENTS, Occurrences, Question, by_rank};
use crate::pg::direct::{Direction, Latest, Source, Table};
use crate::pg::event_row::Event;
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Rows, Session, Statement};

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

/// Where in a row of the source, or of a statement that begins with the question's number, stands what
/// filters ask for.
const OF_EVENT: [usize; 3] = [2, 3, 4];
const OF_EVENT_IN_SQL: [usize; 3] = [4, 5, 6];

/// One event's row that is in the series: when, which, and whether it is marked.
pub type Occurrence = (Instant, i64, bool);

/// Answers each question in its place, as of `now`.
pub(super) fn read(session: &Session, questions: &[&Question], now: Instant) -> Vec<Occurrences> {
    let without = vec![&[][..]; questions.len()];
    let found = read_without(session, questions, &without, now);
    let mut answers: Vec<Occurrences> = found.into_iter().map(Found::occurrences).collect();
    // Only of series that are all of one event are single ones asked for that lie far back.
    let mut far: Vec<(&str, &str, i64)> = Vec::new();
    let mut asked: Vec<(usize, u64)> = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let is_answered = answers[place].is_complete() || !question.of.is_plain();
        for rank in question.ask.ranks.iter().filter(|rank| **rank > DENSE) {
            if !is_answered {
                asked.push((place, *rank));
                far.push((question.user, question.event(), *rank as i64));
            }
        }
    }
    for ((place, rank), at) in asked.into_iter().zip(by_rank(session, &BY_RANK, &far)) {
        answers[place].sparse.extend(at.map(|at| (rank, at)));
    }
    answers
}

static STORED: Statement = Statement::new(
    "SELECT q.n, e.event, e.occurred_at, e.properties, e.value, e.source
     FROM unnest($1, $2) WITH ORDINALITY AS q (id, user_id, n)
     JOIN {s}.user_events e ON e.id = q.id AND e.user_id = q.user_id",
    &[pg_sys::INT8ARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Events as they are stored now, by (id, user).
pub struct StoredEvents<'s> {
    rows: Rows<'s>,
    places: HashMap<(i64, String), usize>,
}

impl<'s> StoredEvents<'s> {
    pub fn read(session: &'s Session, events: &[(i64, &str)]) -> Option<StoredEvents<'s>> {
        if events.is_empty() {
            return None;
        }
        let ids: Vec<i64> = events.iter().map(|event| event.0).collect();
        let users: Vec<&str> = events.iter().map(|event| event.1).collect();
        let rows = session.execute(&STORED, &[Arg::BigInts(&ids), Arg::Texts(&users)]);
        let place = |row| {
            let (id, user) = events[rows.bigint(row, 1)? as usize - 1];
            Some(((id, user.to_owned()), row))
        };
        let places = (0..rows.len()).filter_map(place).collect();
        Some(StoredEvents { rows, places })
    }

    /// The event, if it still has that name and is of that instant.
    pub fn find(&self, id: i64, user: &str, name: &str, at: Instant) -> Option<Event<'s>> {
        let row = *self.places.get(&(id, user.to_owned()))?;
        let is_same = self.rows.text(row, 2) == Some(name) && self.rows.instant(row, 3) == Some(at);
        is_same.then(|| self.rows.event(row, OF_EVENT_IN_SQL))
    }
}

/// What was found for one question.
#[derive(Default)]
pub struct Found {
    /// From the latest back.
    pub rows: Vec<Occurrence>,
    /// Whatever happened at or after this is among them.
    from: Option<Instant>,
    /// The very first, if that was asked for.
    oldest: Option<Occurrence>,
}

impl Found {
    pub fn occurrences(self) -> Occurrences {
        Occurrences {
            dense: self.rows.iter().map(|row| row.0).collect(),
            marks: self.rows.iter().map(|row| row.2).collect(),
            from: self.from.unwrap_or(Instant::NEG_INFINITY),
            oldest: self.oldest.map(|(at, _, mark)| (at, mark)),
            ..Occurrences::default()
        }
    }

    /// Adds occurrences that are there no more.
    pub fn with(mut self, others: Vec<Occurrence>) -> Found {
        let oldest = others.iter().copied();
        self.oldest = oldest.chain(self.oldest).min();
        self.rows.extend(others);
        self.rows.sort_unstable_by(|a, b| b.cmp(a));
        self
    }
}

/// The same as rows; those of the ids in `without` are passed over.
pub fn read_without(
    session: &Session,
    questions: &[&Question],
    without: &[&[i64]],
    now: Instant,
) -> Vec<Found> {
    let mut readings: Vec<Reading> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (place, (question, without)) in questions.iter().zip(without).enumerate() {
        for event in &question.of.events {
            readings.push(Reading::new(question, event, without, now));
            owners.push(place);
        }
    }
    if read_directly(session, &mut readings, Direction::Backward).is_none() {
        read_in_sql(session, &BACKWARD, &mut readings);
    }
    let mut answers: Vec<Found> = Vec::new();
    answers.resize_with(questions.len(), Found::default);
    for (place, reading) in owners.into_iter().zip(readings) {
        let answer = &mut answers[place];
        // What is known of all events is what is known of each.
        answer.from = answer.from.max(reading.from);
        answer.rows.extend(reading.found);
    }
    for answer in &mut answers {
        answer.rows.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(from) = answer.from {
            answer.rows.retain(|row| row.0 >= from);
        }
    }
    read_oldest(session, questions, without, &mut answers);
    answers
}

/// Finds the very first of each series of which it is asked.
fn read_oldest(
    session: &Session,
    questions: &[&Question],
    without: &[&[i64]],
    answers: &mut [Found],
) {
    let mut readings: Vec<Reading> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (place, (question, without)) in questions.iter().zip(without).enumerate() {
        if !question.ask.oldest {
            continue;
        }
        match answers[place].from {
            // It has come.
            None => answers[place].oldest = answers[place].rows.last().copied(),
            Some(_) => {
                for event in &question.of.events {
                    readings.push(Reading::of_first(question, event, without));
                    owners.push(place);
                }
            }
        }
    }
    if readings.is_empty() {
        return;
    }
    if read_directly(session, &mut readings, Direction::Forward).is_none() {
        read_in_sql(session, &FORWARD, &mut readings);
    }
    for (place, reading) in owners.into_iter().zip(readings) {
        let found = reading.found.into_iter();
        answers[place].oldest = found.chain(answers[place].oldest).min();
    }
}

/// The rows of one event of one question, as they come.
struct Reading<'q> {
    user: &'q str,
    event: &'q str,
    of: &'q SeriesOf,
    without: &'q [i64],
    /// What is not met yet, each with how many have counted.
    open: Vec<(Enough, u64)>,
    now: Instant,
    found: Vec<Occurrence>,
    /// The instant of the last row that came.
    last: Option<Instant>,
    /// The ids of all of that instant, where they may come once more.
    came: HashSet<i64>,
    /// Whatever happened at or after this has come; `None`: everything.
    from: Option<Instant>,
    /// No more is wanted.
    is_done: bool,
}

impl<'q> Reading<'q> {
    fn new(
        question: &'q Question,
        event: &'q str,
        without: &'q [i64],
        now: Instant,
    ) -> Reading<'q> {
        let ask = &question.ask;
        let is_near = |rank: &&u64| **rank <= DENSE || !question.of.is_plain();
        let ranks = ask.ranks.iter().filter(is_near).max();
        let ranks = ranks.map(|rank| Enough::count(*rank));
        let mut open: Vec<Enough> = ranks
            .into_iter()
            .chain(ask.enough.iter().copied())
            .collect();
        if open.is_empty() {
            // The first is all that is asked for; whether there is any must be known.
            open.push(Enough::count(1));
        }
        Reading {
            user: question.user,
            event,
            of: question.of,
            without,
            open: open.into_iter().map(|enough| (enough, 0)).collect(),
            now,
            found: Vec::new(),
            last: None,
            came: HashSet::new(),
            from: None,
            is_done: false,
        }
    }

    /// One that ends with the first instant, wherever it begins.
    fn of_first(question: &'q Question, event: &'q str, without: &'q [i64]) -> Reading<'q> {
        Reading {
            open: vec![(Enough::count(1), 0)],
            ..Reading::new(question, event, without, Instant::NEG_INFINITY)
        }
    }

    /// Takes the next row; false when no more is wanted. Of those of one instant all are taken, so that
    /// which of them is first or last does not depend on where they lie.
    fn take(&mut self, at: Instant, id: i64, row: &impl EventRow) -> bool {
        if self.of.since.is_some_and(|since| at < since) {
            self.is_done = true;
            return false;
        }
        let now = self.now;
        self.open
            .retain(|(enough, count)| !enough.is_met(at, *count, now));
        if self.open.is_empty() && self.last != Some(at) {
            self.from = Some(at.next());
            self.is_done = true;
            return false;
        }
        self.last = Some(at);
        let passes = |filter: &hogsend_core::criteria::Filter| filter.passes(row);
        let is_in = self.of.filter.as_deref().is_none_or(passes);
        if is_in && !self.without.contains(&id) {
            let mark = self.of.marking.as_deref().is_none_or(passes);
            self.found.push((at, id, mark));
            for (enough, count) in &mut self.open {
                *count += u64::from(enough.counts(at, now));
            }
        }
        true
    }
}

/// `None`: it is to be done in SQL.
fn read_directly(session: &Session, readings: &mut [Reading], direction: Direction) -> Option<()> {
    let table = Table::open(session.direct()?, &ROWS, false)?;
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

fn read_in_sql(session: &Session, statement: &'static Statement, readings: &mut [Reading]) {
    let is_backward = std::ptr::eq(statement, &BACKWARD);
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
            session.nested(|session| read_round(session, statement, is_backward, readings, most));
        }
        most = (most * GROWTH).min(LARGEST);
    }
}

fn read_round(
    session: &Session,
    statement: &'static Statement,
    is_backward: bool,
    readings: &mut [&mut Reading],
    most: i64,
) {
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
