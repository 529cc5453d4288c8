//! Steps: what the outbox says of runs that begin, go on and end, numbered under the locks of their users after
//! what it says of buckets (I9 in doc/design.md).

mod few;

use std::collections::HashMap;

use hogsend_core::run::{Labels, Status, Transition};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::by_size::{BySize, by_size};
use super::{column, runs};
use crate::pg::direct::{self, Place};
use crate::pg::sql::{Arg, Session};

/// A row of the outbox without its number, what listeners are told of it, and what its run is from then on.
pub struct Step<'a> {
    pub user: &'a str,
    pub journey: &'a str,
    /// 0 where it begins.
    pub run: i64,
    /// Where the run was read, if that is known.
    pub place: Option<Place>,
    pub entry_count: i32,
    /// The ordinal of the step.
    pub step: i64,
    pub transition: Transition,
    pub status: Status,
    pub label: Option<&'a str>,
    pub timed_out: Option<bool>,
    pub reason: Option<&'a str>,
    /// The event that caused it.
    pub event: Option<i64>,
    pub properties: Properties,
    pub effective_at: Instant,
    /// What is kept of the run for the statistics.
    pub labels: Labels,
}

/// What there is to say of what caused a step.
#[derive(Clone)]
pub enum Properties {
    /// A jsonb; `None`: nothing.
    Known(Option<pg_sys::Datum>),
    /// As JSON.
    Said(String),
    /// Those of the event, to be read where they are written down.
    OfEvent,
}

impl Properties {
    fn text(&self) -> Option<&str> {
        match self {
            Properties::Said(json) => Some(json),
            _ => None,
        }
    }
}

impl Step<'_> {
    fn begins(&self) -> bool {
        self.transition == Transition::Started
    }
}

macro_rules! tell {
    ($part:literal, $from:literal) => {
        by_size!(
            concat!(
    "WITH v AS MATERIALIZED (
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) WITH ORDINALITY
             AS v (user_id, journey_id, run_id, entry_count, step, transition, status, label, timed_out, reason,
                   event_id, properties, effective_at, labels, n)
     ), told AS (
         INSERT INTO {s}.bucket_transitions AS t
             (event, user_id, transition, entry_count, reason, source, effective_at, recorded_at, idempotency_key,
              journey_id, run_id, label, timed_out, event_id, event_properties)
         SELECT concat_ws(':', 'journey', v.transition, v.journey_id), v.user_id, v.transition, v.entry_count,
                v.reason, $16, v.effective_at, $15,
                concat_ws(':', 'journey', v.journey_id, v.user_id, v.transition, v.entry_count, v.step",
                $part, "),
                v.journey_id, v.run_id, v.label, v.timed_out, v.event_id, coalesce(v.properties::jsonb, o.properties)
         FROM v LEFT JOIN LATERAL (
             SELECT o.properties FROM {s}.user_events o
             WHERE v.event_id IS NOT NULL AND o.id = v.event_id AND o.user_id = v.user_id LIMIT 1) o ON true ",
                $from, "
         ORDER BY v.n
         RETURNING t.id
     ), numbers AS MATERIALIZED (
         SELECT array_agg(t.id ORDER BY t.id) AS ids FROM told t
     )
     UPDATE {s}.journey_runs r
     SET status = v.status, step = v.step, step_id = i.ids[v.n], since = $15,
         ended_at = CASE v.status WHEN 'exited' THEN $15 END,
         reason = CASE v.status WHEN 'exited' THEN v.reason END,
         labels = v.labels::jsonb, wait_event = NULL, wait_filter = NULL, wait_until = NULL
     FROM v, numbers i
     WHERE r.id = v.run_id AND r.user_id = v.user_id AND r.ended_at IS NULL"),
            "AND r.id = ANY ($3)",
            "RETURNING r.id, r.step_id",
            &[
                pg_sys::TEXTARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::INT8ARRAYOID,
                pg_sys::INT4ARRAYOID,
                pg_sys::INT8ARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::BOOLARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::INT8ARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::TIMESTAMPTZARRAYOID,
                pg_sys::TEXTARRAYOID,
                pg_sys::TIMESTAMPTZOID,
                pg_sys::TEXTOID,
            ],
        )
    };
}

/// Numbers are taken in the order given, while the users' locks are held, so they follow commit order for each user;
/// by that order, too, runs are told their numbers, which saves a statement.
static TELL: BySize = tell!("", "");
/// The same where users have been erased, as for [`transitions`](super::transitions).
static TELL_OF_ERASED: BySize = tell!(
    ", 'life-' || (e.times + 1)",
    "LEFT JOIN LATERAL (
         SELECT e.times FROM {s}.bucket_erasures e
         WHERE e.user_hash = sha256(convert_to(v.user_id, 'UTF8')) LIMIT 1) e ON true"
);

/// Writes outbox rows and what has become of their runs, of which each is there once; those that begin get their
/// numbers. Returns the number of each row, in the order given; `None`: it has not come about.
pub fn write(
    session: &Session,
    steps: &mut [Step],
    now: Instant,
    source: &str,
) -> Vec<Option<i64>> {
    let mut numbers = few::write(session, steps, now, source);
    let mut others: Vec<(usize, &mut Step)> = Vec::new();
    for (place, step) in steps.iter_mut().enumerate() {
        if numbers[place].is_none() {
            others.push((place, step));
        }
    }
    if !others.is_empty() {
        begin(session, &mut others, now);
        // Of those that were to begin and have not nothing is told.
        let others: Vec<(usize, &Step)> = others
            .into_iter()
            .map(|(place, step)| (place, &*step))
            .collect();
        let told: Vec<&Step> = others
            .iter()
            .map(|(_, step)| *step)
            .filter(|step| step.run != 0)
            .collect();
        let of_runs = tell(session, &told, now, source);
        for (place, step) in others {
            numbers[place] = of_runs.get(&step.run).copied();
        }
    }
    numbers
}

/// Begins runs, and numbers those that have begun.
fn begin(session: &Session, steps: &mut [(usize, &mut Step)], now: Instant) {
    let begins = steps.iter().filter(|(_, step)| step.begins());
    let begins: Vec<(&str, &str, i32)> = begins
        .map(|(_, step)| (step.user, step.journey, step.entry_count))
        .collect();
    let begun: HashMap<(&str, &str), i64> = runs::begin(session, &begins, now)
        .into_iter()
        .map(|(id, user, journey)| ((user, journey), id))
        .collect();
    for (_, step) in steps.iter_mut().filter(|(_, step)| step.begins()) {
        step.run = begun.get(&(step.user, step.journey)).copied().unwrap_or(0);
    }
}

/// Tells of runs that have begun, and of others. Returns the number of each row by that of its run.
fn tell(session: &Session, steps: &[&Step], now: Instant, source: &str) -> HashMap<i64, i64> {
    if steps.is_empty() {
        return HashMap::new();
    }
    let somebody_was_erased = !direct::is_empty(session, c"bucket_erasures");
    let statement = if somebody_was_erased {
        &TELL_OF_ERASED
    } else {
        &TELL
    };
    let labels: Vec<String> = steps.iter().map(|step| step.labels.text()).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let rows = statement.execute(
        session,
        steps.len(),
        &[
            Arg::Texts(&column(steps, |s| s.user)),
            Arg::Texts(&column(steps, |s| s.journey)),
            Arg::BigInts(&column(steps, |s| s.run)),
            Arg::Ints(&column(steps, |s| s.entry_count)),
            Arg::BigInts(&column(steps, |s| s.step)),
            Arg::Texts(&column(steps, |s| s.transition.as_str())),
            Arg::Texts(&column(steps, |s| s.status.as_str())),
            Arg::OptTexts(&column(steps, |s| s.label)),
            Arg::OptBools(&column(steps, |s| s.timed_out)),
            Arg::OptTexts(&column(steps, |s| s.reason)),
            Arg::OptBigInts(&column(steps, |s| s.event)),
            Arg::OptTexts(&column(steps, |s| s.properties.text())),
            Arg::Instants(&column(steps, |s| Some(s.effective_at))),
            Arg::Texts(&labels),
            Arg::Instant(now),
            Arg::Text(source),
        ],
    );
    let number = |row| Some((rows.bigint(row, 1)?, rows.bigint(row, 2)?));
    (0..rows.len()).filter_map(number).collect()
}
