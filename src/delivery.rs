//! Telling whoever listens. A notification is a hint; the outbox is the truth.

use chrono::{DateTime, SecondsFormat};
use hogsend_core::time::Instant;
use pgrx::pg_sys;
use serde::Serialize;

use crate::pg::settings::{self, Notify};
use crate::pg::sql::text_datum;
use crate::store::steps::Step;
use crate::store::transitions::Transition;

/// The NOTIFY channel.
const CHANNEL: &str = "bucket_transitions";
/// More transitions than this in one statement are announced by one wake-up.
const MOST_PER_STATEMENT: usize = 100;
/// Postgres refuses payloads of 8,000 bytes and more.
const LONGEST_PAYLOAD: usize = 7_900;
/// Microseconds between Postgres's epoch (2000) and Unix's (1970).
const UNIX_EPOCH_OFFSET: i64 = 946_684_800_000_000;

/// The payload of a notification. No e-mail and no properties: channels have no access control.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    id: i64,
    event: String,
    bucket_id: &'a str,
    user_id: &'a str,
    transition: &'a str,
    entry_count: i32,
    reason: Option<&'a str>,
    source: &'a str,
    effective_at: Option<String>,
}

#[derive(Serialize)]
struct Wake {
    wake: bool,
    count: usize,
}

/// Collects what one statement announces, in bounded memory.
#[derive(Default)]
pub struct Outbox {
    payloads: Vec<String>,
    count: usize,
}

impl Outbox {
    /// Adds a row of the outbox by its number.
    pub fn add(&mut self, id: i64, source: &str, transition: &Transition) {
        self.count += 1;
        if self.count <= MOST_PER_STATEMENT && settings::notify() == Notify::transition {
            self.payloads.push(payload(id, source, transition));
        }
    }

    /// The same of a step of a journey.
    pub fn add_step(&mut self, id: i64, source: &str, step: &Step) {
        self.count += 1;
        if self.count <= MOST_PER_STATEMENT && settings::notify() == Notify::transition {
            self.payloads.push(step_payload(id, source, step));
        }
    }

    /// Adds what a part of the statement announced, in its order.
    pub fn absorb(&mut self, part: Outbox) {
        self.count += part.count;
        let room = MOST_PER_STATEMENT.saturating_sub(self.payloads.len());
        self.payloads.extend(part.payloads.into_iter().take(room));
    }

    /// Sends the notifications of this statement; nothing if nothing changed, because a
    /// transaction that notifies takes a cluster-wide lock at commit.
    pub fn send(self) {
        let wake = |count| serde_json::to_string(&Wake { wake: true, count }).unwrap_or_default();
        let payloads = match settings::notify() {
            _ if self.count == 0 => return,
            Notify::off => return,
            // Without a count, so that Postgres folds a transaction's wake-ups into one.
            Notify::wake => vec![String::from("{\"wake\":true}")],
            Notify::transition
                if self.count > MOST_PER_STATEMENT
                    || self.payloads.iter().any(|p| p.len() > LONGEST_PAYLOAD) =>
            {
                vec![wake(self.count)]
            }
            Notify::transition => self.payloads,
        };
        payloads.iter().for_each(|payload| notify(payload));
    }
}

/// The payload of a notification of a step. No properties of the event and no state, as above.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepPayload<'a> {
    id: i64,
    event: String,
    journey_id: &'a str,
    run_id: i64,
    user_id: &'a str,
    transition: &'a str,
    entry_count: i32,
    label: Option<&'a str>,
    timed_out: Option<bool>,
    reason: Option<&'a str>,
    source: &'a str,
    effective_at: Option<String>,
}

/// NOTIFY, for a fifth of what it costs in SQL.
fn notify(payload: &str) {
    let arguments = [text_datum(CHANNEL), text_datum(payload)].map(Some);
    // SAFETY: the function takes two texts and returns nothing.
    unsafe { pgrx::direct_function_call_as_datum(pg_sys::pg_notify, &arguments) };
}

fn payload(id: i64, source: &str, t: &Transition) -> String {
    let payload = Payload {
        id,
        event: t.event(),
        bucket_id: t.bucket,
        user_id: t.user,
        transition: t.transition,
        entry_count: t.entry_count,
        reason: t.reason,
        source,
        effective_at: iso8601(t.effective_at),
    };
    // Serialising strings and numbers cannot fail; an empty payload would still wake the listener.
    serde_json::to_string(&payload).unwrap_or_default()
}

fn step_payload(id: i64, source: &str, step: &Step) -> String {
    let transition = step.transition.as_str();
    let payload = StepPayload {
        id,
        event: format!("journey:{transition}:{}", step.journey),
        journey_id: step.journey,
        run_id: step.run,
        user_id: step.user,
        transition,
        entry_count: step.entry_count,
        label: step.label,
        timed_out: step.timed_out,
        reason: step.reason,
        source,
        effective_at: iso8601(step.effective_at),
    };
    serde_json::to_string(&payload).unwrap_or_default()
}

/// UTC with microseconds; `None` for what ISO 8601 cannot say (infinities, the year 300,000).
fn iso8601(instant: Instant) -> Option<String> {
    let micros = instant.0.checked_add(UNIX_EPOCH_OFFSET)?;
    let time = DateTime::from_timestamp_micros(micros).filter(|_| instant.is_finite())?;
    Some(time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
