//! What users did, as far as criteria ask.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::sql::{Arg, Session, Statement};

/// Ranks up to this are read in one go; a rank beyond it is looked up by itself, so that "more
/// than a million" costs one value and not a million.
const DENSE: u64 = 64;

/// The latest occurrences of one event for one user.
#[derive(Default, Clone)]
pub struct Occurrences {
    /// Ranks 1, 2, 3 …: latest first.
    dense: Vec<Instant>,
    sparse: Vec<(u64, Instant)>,
}

impl Occurrences {
    pub fn rank(&self, rank: u64) -> Option<Instant> {
        match self.dense.get(rank.checked_sub(1)? as usize) {
            Some(instant) => Some(*instant),
            None => self
                .sparse
                .iter()
                .find(|(r, _)| *r == rank)
                .map(|(_, instant)| *instant),
        }
    }
}

/// A question: which occurrences (by rank, ascending) of an event of a user.
pub struct Question<'a> {
    pub user: &'a str,
    pub event: &'a str,
    pub ranks: Vec<u64>,
}

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

/// Answers each question in its place.
pub fn occurrences(session: &Session, questions: &[Question]) -> Vec<Occurrences> {
    let mut answers = vec![Occurrences::default(); questions.len()];
    let depth = |q: &Question| {
        q.ranks
            .iter()
            .copied()
            .filter(|r| *r <= DENSE)
            .max()
            .unwrap_or(1) as i64
    };
    match questions {
        [] => return answers,
        [q] => {
            let rows = session.execute(
                &LATEST_ONE,
                &[Arg::Text(q.user), Arg::Text(q.event), Arg::BigInt(depth(q))],
            );
            answers[0].dense = (0..rows.len())
                .filter_map(|row| rows.instant(row, 1))
                .collect();
        }
        questions => {
            let users: Vec<&str> = questions.iter().map(|q| q.user).collect();
            let events: Vec<&str> = questions.iter().map(|q| q.event).collect();
            let depths: Vec<i64> = questions.iter().map(depth).collect();
            let rows = session.execute(
                &LATEST_MANY,
                &[
                    Arg::Texts(&users),
                    Arg::Texts(&events),
                    Arg::BigInts(&depths),
                ],
            );
            for row in 0..rows.len() {
                if let (Some(n), Some(at)) = (rows.bigint(row, 1), rows.instant(row, 2)) {
                    answers[n as usize - 1].dense.push(at);
                }
            }
            for answer in &mut answers {
                // The inner order is not promised across a join.
                answer.dense.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
    }
    probe_far_ranks(session, questions, &mut answers);
    answers
}

fn probe_far_ranks(session: &Session, questions: &[Question], answers: &mut [Occurrences]) {
    let mut probes: Vec<(usize, u64)> = Vec::new();
    for (index, question) in questions.iter().enumerate() {
        probes.extend(
            question
                .ranks
                .iter()
                .filter(|r| **r > DENSE)
                .map(|r| (index, *r)),
        );
    }
    if probes.is_empty() {
        return;
    }
    let users: Vec<&str> = probes
        .iter()
        .map(|(index, _)| questions[*index].user)
        .collect();
    let events: Vec<&str> = probes
        .iter()
        .map(|(index, _)| questions[*index].event)
        .collect();
    let ranks: Vec<i64> = probes.iter().map(|(_, rank)| *rank as i64).collect();
    let rows = session.execute(
        &BY_RANK,
        &[
            Arg::Texts(&users),
            Arg::Texts(&events),
            Arg::BigInts(&ranks),
        ],
    );
    for row in 0..rows.len() {
        if let (Some(n), Some(at)) = (rows.bigint(row, 1), rows.instant(row, 2)) {
            let (index, rank) = probes[n as usize - 1];
            answers[index].sparse.push((rank, at));
        }
    }
}

static EVENTS_OF: Statement = Statement::new(
    "SELECT DISTINCT e.user_id, e.event FROM {s}.user_events e
     WHERE e.user_id = ANY ($1) AND e.event = ANY ($2)",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// Which of `events` each of `users` has ever done, as (user, event).
pub fn events_of(session: &Session, users: &[&str], events: &[&str]) -> Vec<(String, String)> {
    if users.is_empty() || events.is_empty() {
        return Vec::new();
    }
    let rows = session.execute(&EVENTS_OF, &[Arg::Texts(users), Arg::Texts(events)]);
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?.to_owned(), rows.text(row, 2)?.to_owned())))
        .collect()
}
