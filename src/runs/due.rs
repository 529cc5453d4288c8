//! The clock: runs whose time is up.

use hogsend_core::run;
use hogsend_core::time::{Instant, Span};

use super::outcome::{self, Outcome};
use crate::delivery::Outbox;
use crate::pg::settings;
use crate::pg::sql::Session;
use crate::store::runs;
use crate::store::steps::Properties;
use crate::store::timers::{self, Due, Quiet};

/// Resumes the runs whose timers are due, each with its journey, and whose time is up, in the order given; returns
/// how many. Timers of the others are set anew, or removed where nothing waits any more: those of runs that went on
/// before. A session that is to say nothing resumes nobody, and leaves them to the next.
pub fn due(
    session: &Session,
    pairs: &[(&Due, &str)],
    source: &str,
    now: Instant,
    outbox: &mut Outbox,
) -> i64 {
    let users: Vec<&str> = pairs.iter().map(|pair| pair.0.user.as_str()).collect();
    let journeys: Vec<&str> = pairs.iter().map(|pair| pair.1).collect();
    let latest = runs::latest(session, &users, &journeys);
    let may_resume = settings::announce();
    let mut outcomes = Vec::new();
    let (mut over, mut later) = (Vec::new(), Vec::new());
    for ((due, journey), stored) in pairs.iter().zip(&latest) {
        let (user, timer) = (due.user.as_str(), due.bucket.as_str());
        let waits = stored.as_ref().and_then(|s| Some((s, s.run.timer()?)));
        let Some((stored, until)) = waits else {
            over.push(*due);
            continue;
        };
        match run::due(&stored.run, now) {
            Some(change) if may_resume => {
                outcomes.push(Outcome {
                    user,
                    journey,
                    run: Some(stored),
                    change,
                    reason: None,
                    event: None,
                    properties: Properties::Known(None),
                    effective_at: until,
                });
                over.push(*due);
            }
            Some(_) => later.push((user, timer, now.storable_plus(Span::MINUTE))),
            None => later.push((user, timer, until)),
        }
    }
    outcome::write(session, &outcomes, source, now, outbox);
    timers::disarm_due(session, &over);
    timers::arm(session, &later, Quiet::default());
    outcomes.len() as i64
}
