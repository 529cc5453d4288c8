//! A journey that is no more takes its runs along, and tells their runners.

use hogsend_core::run::{self, Exit};
use hogsend_core::time::Instant;

use super::outcome::{self, Outcome};
use crate::delivery::Outbox;
use crate::pg::sql::Session;
use crate::pg::{clock, settings};
use crate::pipeline::PASS;
use crate::store::runs::live::{Live, live_of_journey};
use crate::store::runs::timer_of;
use crate::store::steps::Properties;
use crate::store::timers;

/// Ends the runs of journeys that are no more. Nobody evaluates meanwhile, so that no contact is locked: whoever
/// deletes a definition has the lock on all of them.
pub fn journeys_gone(session: &Session, journeys: &[&str], outbox: &mut Outbox) {
    for journey in journeys {
        let mut last: Option<String> = None;
        loop {
            pgrx::check_for_interrupts!();
            let next = session.nested(|session| {
                let from = last.as_deref().unwrap_or_default();
                let live = live_of_journey(session, journey, from, PASS as i64);
                exit(session, &live, clock::now(), outbox);
                live.last().map(|(user, ..)| user.clone())
            });
            if next.is_none() || next == last {
                break;
            }
            last = next;
        }
    }
}

fn exit(session: &Session, live: &[Live], now: Instant, outbox: &mut Outbox) {
    let gone = Exit::JourneyDeleted;
    if !settings::announce() {
        outcome::end(session, live, gone, now);
        let timers: Vec<(&str, String)> = live
            .iter()
            .map(|(user, journey, _)| (user.as_str(), timer_of(journey)))
            .collect();
        let timers: Vec<(&str, &str)> = timers.iter().map(|(u, t)| (*u, t.as_str())).collect();
        return timers::disarm(session, &timers);
    }
    let outcomes: Vec<Outcome> = live
        .iter()
        .filter_map(|(user, journey, stored)| {
            Some(Outcome {
                user,
                journey,
                run: Some(stored),
                change: run::end(&stored.run, gone)?,
                reason: gone.reason(),
                event: None,
                properties: Properties::Known(None),
                effective_at: now,
            })
        })
        .collect();
    outcome::write(session, &outcomes, "event", now, outbox);
}
