//! Steps, and what becomes of their runs, written without SQL: what the statements do costs several times as much as
//! storing the rows.

use std::ffi::CString;

use hogsend_core::run::Status;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::{Properties, Step};
use crate::pg::direct::{Repetition, Target, Writer};
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Session};
use crate::store::runs::labels;
use crate::store::runs::written::{self, RUNS};
use crate::store::transitions;

static STEPS: Target<17> = Target {
    table: c"bucket_transitions",
    columns: [
        Column::bigint(c"id"),
        Column::text(c"event"),
        Column::text(c"user_id"),
        Column::text(c"transition"),
        Column::int(c"entry_count"),
        Column::text(c"reason"),
        Column::text(c"source"),
        Column::instant(c"effective_at"),
        Column::instant(c"recorded_at"),
        Column::text(c"idempotency_key"),
        Column::of(c"xid", pg_sys::XID8OID),
        Column::text(c"journey_id"),
        Column::bigint(c"run_id"),
        Column::text(c"label"),
        Column::boolean(c"timed_out"),
        Column::bigint(c"event_id"),
        Column::json(c"event_properties"),
    ],
    is_numbered: true,
    checks: transitions::CHECKS,
    partial: None,
};

/// Of as many users as are looked at together. A run and its step are seven entries of indexes, and beside those
/// what a statement that has a thousand rows does about each of them still counts.
const MOST: usize = 1000;

/// Where both are written.
struct Writers<'c> {
    runs: Writer<'c, { written::COLUMNS }>,
    steps: Writer<'c, 17>,
}

impl<'c> Writers<'c> {
    fn open(session: &Session<'c>) -> Option<Writers<'c>> {
        let context = session.direct()?;
        let runs = Writer::open(context, &RUNS)?;
        let Some(steps) = Writer::open(context, &STEPS) else {
            runs.close();
            return None;
        };
        Some(Writers { runs, steps })
    }

    fn close(self) {
        self.steps.close();
        self.runs.close();
    }
}

/// Writes those of the steps for which it is simple; returns their numbers. Those that begin get the numbers of
/// their runs.
pub(super) fn write(
    session: &Session,
    steps: &mut [Step],
    now: Instant,
    source: &str,
) -> Vec<Option<i64>> {
    let mut numbers = vec![None; steps.len()];
    if steps.is_empty() || steps.len() > MOST {
        return numbers;
    }
    let users: Vec<&str> = steps.iter().map(|step| step.user).collect();
    let lives = transitions::lives(session, &users);
    let Some(writers) = Writers::open(session) else {
        return numbers;
    };
    for ((step, life), number) in steps.iter_mut().zip(lives).zip(&mut numbers) {
        *number = step.write(&writers, life, now, source);
    }
    writers.close();
    numbers
}

impl Step<'_> {
    /// `None`: nothing was written.
    fn write(
        &mut self,
        writers: &Writers,
        life: Option<i32>,
        now: Instant,
        source: &str,
    ) -> Option<i64> {
        let said = match &self.properties {
            Properties::OfEvent => return None,
            Properties::Said(json) => Some(CString::new(json.as_str()).ok()?),
            Properties::Known(_) => None,
        };
        let labels = labels::datum(&self.labels)?;
        let is_there = self.begins() || self.place.is_some();
        if !is_there {
            return None;
        }
        let number = writers.steps.number();
        let is_done = match self.place {
            Some(place) => {
                let set = [
                    (written::STATUS, Arg::Text(self.status.as_str())),
                    (written::STEP, Arg::BigInt(self.step)),
                    (written::STEP_ID, Arg::BigInt(number)),
                    (written::SINCE, Arg::Instant(now)),
                    (written::ENDED_AT, Arg::OptInstant(self.ended_at(now))),
                    (written::REASON, Arg::OptText(self.reason_of_end())),
                    (written::LABELS, Arg::Raw(Some(labels))),
                    (written::WAIT_EVENT, Arg::Raw(None)),
                    (written::WAIT_FILTER, Arg::Raw(None)),
                    (written::WAIT_UNTIL, Arg::Raw(None)),
                ];
                let is_it = written::is_live(self.run, self.user);
                writers
                    .runs
                    .update(place, is_it, set, self.status.is_live())
            }
            None => {
                let run = writers.runs.number();
                let is_done = written::begin(&writers.runs, self, run, number, labels, now);
                if is_done {
                    self.run = run;
                }
                is_done
            }
        };
        if !is_done {
            return None;
        }
        self.tell(&writers.steps, number, life, said, now, source);
        Some(number)
    }

    fn ended_at(&self, now: Instant) -> Option<Instant> {
        (!self.status.is_live()).then_some(now)
    }

    fn reason_of_end(&self) -> Option<&str> {
        self.reason.filter(|_| self.status == Status::Exited)
    }

    fn tell(
        &self,
        writer: &Writer<17>,
        number: i64,
        life: Option<i32>,
        said: Option<CString>,
        now: Instant,
        source: &str,
    ) {
        let transition = self.transition.as_str();
        let (user, journey) = (self.user, self.journey);
        let mut key = format!(
            "journey:{journey}:{user}:{transition}:{}:{}",
            self.entry_count, self.step
        );
        if let Some(life) = life {
            key = format!("{key}:life-{life}");
        }
        let row = [
            Arg::BigInt(number),
            Arg::Text(&format!("journey:{transition}:{journey}")),
            Arg::Text(user),
            Arg::Text(transition),
            Arg::Int(self.entry_count),
            Arg::OptText(self.reason),
            Arg::Text(source),
            Arg::Instant(self.effective_at),
            Arg::Instant(now),
            Arg::Text(&key),
            transitions::own_transaction(),
            Arg::Text(journey),
            Arg::BigInt(self.run),
            Arg::OptText(self.label),
            match self.timed_out {
                Some(timed_out) => Arg::Bool(timed_out),
                None => Arg::Raw(None),
            },
            Arg::OptBigInt(self.event),
            match (&said, &self.properties) {
                (Some(said), _) => Arg::Json(said),
                (None, Properties::Known(properties)) => Arg::Raw(*properties),
                (None, _) => Arg::Raw(None),
            },
        ];
        writer.insert(&row, true, Repetition::Fails);
    }
}
