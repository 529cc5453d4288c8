//! What events and transitions do to the run of a user.

use super::{Change, Exit, Policy, Run, State};
use crate::stay::EntryLimit;
use crate::time::Instant;

/// What something that happened is to a journey, or to the run that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is in `starts_on`.
    Start,
    /// It is in `exits_on`.
    Exit,
    /// The run waits for it, and its filter lets it through.
    Awaited,
}

/// Something that happened; one event may be there in several roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happened {
    pub role: Role,
    /// Which one it is, for who asked.
    pub place: usize,
    /// When it came, where it was only put by for the clock; `None`: it comes now.
    pub arrived: Option<Instant>,
}

/// Decides what becomes of the user's run of a journey by what happened, and which of it did it.
/// `latest` is the user's run with the highest entry count, `happened` in the order in which it came.
///
/// When something came counts, not when it is said to have happened: whatever is seen after the runner
/// said that it waits ends the wait, also where the time is up and the clock has not come by.
pub fn happen(
    policy: &Policy,
    latest: Option<&Run>,
    happened: &[Happened],
    now: Instant,
) -> Option<(Change, usize)> {
    let (change, happened) = match latest {
        Some(run) if run.is_live() => goes_on(run, happened)?,
        past => begins(policy, past, happened, now)?,
    };
    Some((change, happened.place))
}

/// The first that ends the run, or else the first that it waits for.
fn goes_on<'a>(run: &Run, happened: &'a [Happened]) -> Option<(Change, &'a Happened)> {
    let first = |role, since| {
        let counts = |h: &&Happened| h.role == role && h.arrived.is_none_or(|at| at >= since);
        happened.iter().find(counts)
    };
    // What came before the run began has nothing to do with it.
    if let Some(exit) = first(Role::Exit, run.started_at) {
        return Some((Change::Exit(Exit::Happening), exit));
    }
    match run.state {
        State::Waiting(wait) if wait.for_event => {
            let timed_out = Some(false);
            first(Role::Awaited, run.since).map(|it| (Change::Resume { timed_out }, it))
        }
        _ => None,
    }
}

/// The first start after which nothing ended the run again.
fn begins<'a>(
    policy: &Policy,
    past: Option<&Run>,
    happened: &'a [Happened],
    now: Instant,
) -> Option<(Change, &'a Happened)> {
    if !policy.enabled || !admits(policy.entry_limit, past, now) {
        return None;
    }
    let arrived = |h: &Happened| h.arrived.unwrap_or(now);
    let exits = happened.iter().filter(|h| h.role == Role::Exit);
    let last_exit = exits.map(arrived).max();
    // Of what came at once the exit wins; what came while the last run was under way began none.
    let counts = |h: &&Happened| {
        h.role == Role::Start
            && last_exit.is_none_or(|exit| exit < arrived(h))
            && (h.arrived.is_none()
                || past
                    .and_then(Run::ended_at)
                    .is_none_or(|at| at <= arrived(h)))
    };
    let start = happened.iter().find(counts)?;
    let entry_count = past.map_or(1, |run| run.entry_count.saturating_add(1));
    Some((Change::Start { entry_count }, start))
}

/// Whether the entry limit lets another run begin; `past` is the latest, which has ended.
fn admits(limit: EntryLimit, past: Option<&Run>, now: Instant) -> bool {
    let Some(past) = past else { return true };
    match limit {
        EntryLimit::Unlimited | EntryLimit::OncePerPeriod(None) => true,
        EntryLimit::Once => false,
        EntryLimit::OncePerPeriod(Some(period)) => {
            past.ended_at().is_none_or(|at| at.plus(period) <= now)
        }
    }
}
