//! What users did, as far as criteria ask.

mod question;
pub mod recent;
pub mod rows;
mod stretch;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::direct::{Latest, Source, Table};
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Rows, Session, Statement};

pub use question::{Ask, Occurrences, Question, is_by_rank};
pub use stretch::of_stretch;

/// Ranks up to this are read in one go; a rank beyond it is looked up by itself, so that "more
/// than a million" costs one value and not a million.
const DENSE: u64 = 64;

static LATEST_ONE: Statement = Statement::new(
    "SELECT e.occurred_at FROM {s}.user_events e
     WHERE e.user_id = $1 AND e.event = $2 ORDER BY e.occurred_at DESC LIMIT $3",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID],
);
static LATEST_MANY: Statement = Statement::new(
    "SELECT q.n, e.occurred_at
     FROM unnest($1, $2, $3) WITH ORDINALITY AS q (user_id, event, depth, n)
     CROSS JOIN LATERAL (
         SELECT e.occurred_at FROM {s}.user_events e
         WHERE e.user_id = q.user_id AND e.event = q.event
         ORDER BY e.occurred_at DESC LIMIT q.depth) e",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);
static BY_RANK: Statement = Statement::new(
    "SELECT q.n, e.occurred_at
     FROM unnest($1, $2, $3) WITH ORDINALITY AS q (user_id, event, rank, n)
     CROSS JOIN LATERAL (
         SELECT e.occurred_at FROM {s}.user_events e
         WHERE e.user_id = q.user_id AND e.event = q.event
         ORDER BY e.occurred_at DESC OFFSET q.rank - 1 LIMIT 1) e",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);

static BY_RANK_FROM_FIRST: Statement = Statement::new(
    "SELECT q.n, e.occurred_at
     FROM unnest($1, $2, $3) WITH ORDINALITY AS q (user_id, event, rank, n)
     CROSS JOIN LATERAL (
         SELECT e.occurred_at FROM {s}.user_events e
         WHERE e.user_id = q.user_id AND e.event = q.event
         ORDER BY e.occurred_at OFFSET q.rank - 1 LIMIT 1) e",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);

pub(super) static EVENTS: Source<1> = Source {
    table: c"user_events",
    key: &[
        Column::user(c"user_id"),
        Column::key(c"event"),
        Column::instant(c"occurred_at"),
    ],
    compared: 2,
    columns: [Column::instant(c"occurred_at")],
};

/// Up to so many questions the index is asked directly; beyond, one statement is as good.
const FEW: usize = 8;

/// The same without SQL, where that can be done.
fn latest_directly(
    context: &Context,
    questions: &[(&str, &str, i64)],
) -> Option<Vec<Vec<Instant>>> {
    if questions.len() > FEW {
        return None;
    }
    let table = Table::open(context, &EVENTS, false)?;
    let snapshot = Latest::take();
    let answers = questions.iter().map(|(user, event, depth)| {
        let mut answer = Vec::new();
        table.backwards(&snapshot, &[user, event], |row| {
            answer.extend(row.bigint(0).map(Instant));
            (answer.len() as i64) < *depth
        });
        answer
    });
    let answers = answers.collect();
    snapshot.release();
    table.close();
    Some(answers)
}

/// The `depth` latest occurrences of each (user, event, depth), latest first, in the order asked.
pub fn latest(session: &Session, questions: &[(&str, &str, i64)]) -> Vec<Vec<Instant>> {
    let directly = |context| latest_directly(context, questions);
    if let Some(answers) = session.direct().and_then(directly) {
        return answers;
    }
    let mut answers = vec![Vec::new(); questions.len()];
    match questions {
        [] => {}
        [(user, event, depth)] => {
            let arguments = [Arg::Text(user), Arg::Text(event), Arg::BigInt(*depth)];
            let rows = session.execute(&LATEST_ONE, &arguments);
            answers[0] = (0..rows.len())
                .filter_map(|row| rows.instant(row, 1))
                .collect();
        }
        questions => {
            let rows = ask(session, &LATEST_MANY, questions);
            for row in 0..rows.len() {
                if let (Some(n), Some(at)) = (rows.bigint(row, 1), rows.instant(row, 2)) {
                    answers[n as usize - 1].push(at);
                }
            }
            for answer in &mut answers {
                // The inner order is not promised across a join.
                answer.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
    }
    answers
}

/// The occurrence of each (user, event, rank) counted from the first, which is rank 1.
pub fn from_first(session: &Session, questions: &[(&str, &str, i64)]) -> Vec<Option<Instant>> {
    by_rank(session, &BY_RANK_FROM_FIRST, questions)
}

fn by_rank(
    session: &Session,
    statement: &'static Statement,
    questions: &[(&str, &str, i64)],
) -> Vec<Option<Instant>> {
    let mut answers = vec![None; questions.len()];
    if questions.is_empty() {
        return answers;
    }
    let rows = ask(session, statement, questions);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            answers[n as usize - 1] = rows.instant(row, 2);
        }
    }
    answers
}

fn ask<'s>(
    session: &'s Session,
    statement: &'static Statement,
    questions: &[(&str, &str, i64)],
) -> Rows<'s> {
    let users: Vec<&str> = questions.iter().map(|q| q.0).collect();
    let events: Vec<&str> = questions.iter().map(|q| q.1).collect();
    let numbers: Vec<i64> = questions.iter().map(|q| q.2).collect();
    let arguments = [
        Arg::Texts(&users),
        Arg::Texts(&events),
        Arg::BigInts(&numbers),
    ];
    session.execute(statement, &arguments)
}

/// Answers each question in its place, as of `now`.
pub fn occurrences(session: &Session, questions: &[Question], now: Instant) -> Vec<Occurrences> {
    if questions.iter().all(Question::is_plain) {
        let plain: Vec<&Question> = questions.iter().collect();
        return by_ranks(session, &plain);
    }
    let (plain, others): (Vec<usize>, Vec<usize>) =
        (0..questions.len()).partition(|place| questions[*place].is_plain());
    let of = |places: &[usize]| -> Vec<&Question> {
        places.iter().map(|place| &questions[*place]).collect()
    };
    let mut answers = vec![Occurrences::default(); questions.len()];
    let plain_answers = by_ranks(session, &of(&plain));
    let other_answers = rows::read(session, &of(&others), now);
    let places = plain.into_iter().chain(others);
    for (place, answer) in places.zip(plain_answers.into_iter().chain(other_answers)) {
        answers[place] = answer;
    }
    answers
}

/// The same for a few without SQL, where that can be done.
pub fn occurrences_directly(
    context: &Context,
    questions: &[Question],
    now: Instant,
) -> Option<Vec<Occurrences>> {
    let questions: Vec<&Question> = questions.iter().collect();
    let is_near = |question: &&Question| question.ask.ranks.iter().all(|rank| *rank <= DENSE);
    if questions.len() > FEW || !questions.iter().all(is_near) {
        return None;
    }
    if questions.iter().all(|question| question.is_plain()) {
        let near = near(&questions);
        return Some(of_near(latest_directly(context, &near)?, &near));
    }
    rows::read_directly(context, &questions, now)
}

/// How far back to read in one go: whose, which, and how many.
fn near<'q>(questions: &[&Question<'q>]) -> Vec<(&'q str, &'q str, i64)> {
    let depth = |q: &Question| {
        let near = q.ask.ranks.iter().copied().filter(|r| *r <= DENSE);
        near.max().unwrap_or(1) as i64
    };
    let questions = questions.iter();
    questions.map(|q| (q.user, q.event(), depth(q))).collect()
}

fn of_near(latest: Vec<Vec<Instant>>, near: &[(&str, &str, i64)]) -> Vec<Occurrences> {
    let latest = latest.into_iter().zip(near);
    latest
        .map(|(dense, (_, _, depth))| Occurrences::of_latest(dense, *depth as usize))
        .collect()
}

/// The same for all occurrences of one event, by ranks alone.
fn by_ranks(session: &Session, questions: &[&Question]) -> Vec<Occurrences> {
    let near = near(questions);
    let mut answers = of_near(latest(session, &near), &near);

    let mut places: Vec<(usize, u64)> = Vec::new();
    let mut far: Vec<(&str, &str, i64)> = Vec::new();
    for (place, q) in questions.iter().enumerate() {
        // Who did it less often than that has no occurrence of a higher rank.
        if answers[place].is_complete() {
            continue;
        }
        for rank in q.ask.ranks.iter().copied().filter(|r| *r > DENSE) {
            places.push((place, rank));
            far.push((q.user, q.event(), rank as i64));
        }
    }
    for ((place, rank), at) in places.into_iter().zip(by_rank(session, &BY_RANK, &far)) {
        answers[place].sparse.extend(at.map(|at| (rank, at)));
    }
    answers
}

static EVENTS_OF: Statement = Statement::new(
    "SELECT DISTINCT e.user_id, e.event FROM {s}.user_events e
     WHERE e.user_id = ANY ($1) AND e.event = ANY ($2)",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Hands to `visit` which of `events` each of `users` has ever done, as (user, event), some of them
/// more than once.
pub fn events_of(
    session: &Session,
    users: &[&str],
    events: &[&str],
    mut visit: impl FnMut(&str, &str),
) {
    if events.is_empty() {
        return;
    }
    let busy = events_of_directly(session, users, &mut visit);
    let users = busy.as_deref().unwrap_or(users);
    if users.is_empty() {
        return;
    }
    let rows = session.execute(&EVENTS_OF, &[Arg::Texts(users), Arg::Texts(events)]);
    for row in 0..rows.len() {
        if let (Some(user), Some(event)) = (rows.text(row, 1), rows.text(row, 2)) {
            visit(user, event);
        }
    }
}

/// Up to so many events of a user are read one by one.
const FEW_EVENTS: usize = 32;

/// Does that for those who have done little, whatever it was; returns the others.
fn events_of_directly<'u>(
    session: &Session,
    users: &[&'u str],
    visit: &mut impl FnMut(&str, &str),
) -> Option<Vec<&'u str>> {
    let table = Table::open(session.direct()?, &EVENTS, false)?;
    let snapshot = Latest::take();
    let mut busy = Vec::new();
    for user in users {
        let (mut read, mut before) = (0, String::new());
        table.entries::<2>(&snapshot, (user, user), None, |row| {
            if let Some(event) = row.text(1).filter(|event| *event != before) {
                visit(user, event);
                event.clone_into(&mut before);
            }
            read += 1;
            read <= FEW_EVENTS
        });
        if read > FEW_EVENTS {
            busy.push(*user);
        }
    }
    snapshot.release();
    table.close();
    Some(busy)
}
