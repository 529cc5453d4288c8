//! What has become of runs, written down: a whole set at once.

use hogsend_core::run::{self, Change, Exit, Labels, Run};
use hogsend_core::time::Instant;

use crate::delivery::Outbox;
use crate::pg::sql::Session;
use crate::store::runs::live::{Live, live_of_users};
use crate::store::runs::{self, Ended, Stored, timer_of};
use crate::store::steps::{self, Properties, Step};
use crate::store::timers;

/// What is to become of a run, and is told to its runner.
pub struct Outcome<'a> {
    pub user: &'a str,
    pub journey: &'a str,
    /// The latest; one that begins comes after it.
    pub run: Option<&'a Stored>,
    pub change: Change,
    pub reason: Option<&'a str>,
    pub event: Option<i64>,
    /// What there is to say of what did it.
    pub properties: Properties,
    pub effective_at: Instant,
}

/// Writes them: runs, rows of the outbox, timers that are needed no more.
pub fn write(
    session: &Session,
    outcomes: &[Outcome],
    source: &str,
    now: Instant,
    outbox: &mut Outbox,
) {
    let steps = outcomes.iter().filter_map(|outcome| outcome.step(now));
    let mut steps: Vec<Step> = steps.collect();
    let numbers = steps::write(session, &mut steps, now, source);
    for (step, id) in steps.iter().zip(numbers) {
        if let Some(id) = id {
            outbox.add_step(id, source, step);
        }
    }
    // That of a run that goes on is left alone: its runner is about to set it anew, or to end the run.
    let ended = outcomes.iter().filter(|outcome| outcome.is_the_end());
    let timers: Vec<(&str, String)> = ended.map(|o| (o.user, timer_of(o.journey))).collect();
    let timers: Vec<(&str, &str)> = timers.iter().map(|(u, t)| (*u, t.as_str())).collect();
    timers::unset(session, &timers);
}

impl<'a> Outcome<'a> {
    /// Whether the run ends. It may have a timer also where it does not wait.
    fn is_the_end(&self) -> bool {
        matches!(self.change, Change::Exit(_))
    }

    /// What the outbox says of it, if anything.
    fn step(&self, now: Instant) -> Option<Step<'a>> {
        let (run, place, labels, label) = match (self.change, self.run) {
            (Change::Start { entry_count }, _) => {
                // It gets its number where it is written.
                (
                    Run::started(0, entry_count, now),
                    None,
                    Labels::started(),
                    None,
                )
            }
            (change, stored) => {
                let stored = stored?;
                let label = stored.label.as_deref();
                let mut labels = stored.labels();
                let held = now.since(stored.run.since);
                labels.note(change, label.unwrap_or_default(), None, held);
                (stored.run.after(change, now), stored.place, labels, label)
            }
        };
        Some(Step {
            user: self.user,
            journey: self.journey,
            run: run.id,
            place,
            entry_count: run.entry_count,
            step: run.step,
            transition: self.change.transition()?,
            status: run.status(),
            label,
            timed_out: match self.change {
                Change::Resume { timed_out } => timed_out,
                _ => None,
            },
            reason: self.reason,
            event: self.event,
            properties: self.properties.clone(),
            effective_at: self.effective_at,
            labels,
        })
    }
}

/// Ends the runs of users who have no live contact any more, without a word; their timers go with all
/// others of theirs.
pub fn bury(session: &Session, users: &[&str], now: Instant) {
    end(
        session,
        &live_of_users(session, users),
        Exit::ContactDeleted,
        now,
    );
}

/// Ends runs without a word.
pub fn end(session: &Session, live: &[Live], exit: Exit, now: Instant) {
    let ended: Vec<Ended> = live
        .iter()
        .filter_map(|(user, _, stored)| {
            let change = run::end(&stored.run, exit)?;
            let label = stored.label.as_deref().unwrap_or_default();
            let mut labels = stored.labels();
            labels.note(change, label, None, now.since(stored.run.since));
            Some(Ended {
                run: stored.run.id,
                user,
                labels: labels.text(),
            })
        })
        .collect();
    if let Some(reason) = exit.reason() {
        runs::end(session, &ended, reason, now);
    }
}
