//! The runs of other ids, made the users'. What becomes of each is decided in the core.

use std::collections::{BTreeMap, HashMap, HashSet};

use hogsend_core::run::{self, Change, Exit, Run};
use hogsend_core::time::Instant;

use crate::pg::direct;
use crate::pg::sql::Session;
use crate::store::merges::Pair;
use crate::store::merges::runs::{self as merges, Inherited, Renumbered};
use crate::store::runs::{self, Stored, timer_of};
use crate::store::timers::{self, Quiet};

/// Makes the runs of the aliases of `pairs`, whose contacts and those of their users are locked, the users'. Of
/// users who are `gone` none goes on.
pub fn inherit(session: &Session, pairs: &[Pair], gone: &HashSet<&str>, now: Instant) {
    if direct::is_empty(session, c"journey_runs") {
        return;
    }
    let aliases: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
    let places = aliases.iter().enumerate();
    let places: HashMap<&str, usize> = places.map(|(place, alias)| (*alias, place)).collect();
    let latest = merges::latest_of_users(session, &aliases);
    // For each user and journey the ids that were in it, as they were named.
    let mut histories: BTreeMap<(&str, &str), BTreeMap<usize, &Stored>> = BTreeMap::new();
    for (alias, journey, stored) in &latest {
        let place = places[alias.as_str()];
        let key = (pairs[place].1, journey.as_str());
        histories.entry(key).or_default().insert(place, stored);
    }
    let users: Vec<&str> = histories.keys().map(|(user, _)| *user).collect();
    let journeys: Vec<&str> = histories.keys().map(|(_, journey)| *journey).collect();
    let own = runs::latest(session, &users, &journeys);
    let (mut renumbered, mut inherited) = (Vec::new(), Vec::new());
    let mut waiting: Vec<(&str, String, Instant)> = Vec::new();
    for (((user, journey), theirs), own) in histories.iter().zip(&own) {
        let is_live = !gone.contains(user);
        let exit = if is_live {
            Exit::Merged
        } else {
            Exit::ContactDeleted
        };
        let all: Vec<&Stored> = own.iter().chain(theirs.values().copied()).collect();
        let merged = run::merge(all.iter().map(|stored| &stored.run), is_live);
        let mut placed = all.iter().zip(&merged.placed);
        if own.is_some()
            && let Some((stored, placed)) = placed.next()
            && (placed.ends || placed.entry_count != stored.run.entry_count)
        {
            renumbered.push(Renumbered {
                user,
                run: stored.run.id,
                entry_count: placed.entry_count,
                ended: placed.ends.then(|| ended(stored, exit, now)).flatten(),
            });
        }
        for (place, (stored, placed)) in theirs.keys().zip(placed) {
            inherited.push(Inherited {
                alias: aliases[*place],
                journey,
                user,
                latest: stored.run.id,
                entry_count: placed.entry_count,
                behind: placed.behind,
                ended: placed.ends.then(|| ended(stored, exit, now)).flatten(),
            });
        }
        let live: Option<&Run> = merged.live.map(|place| &all[place].run);
        if let Some(until) = live.and_then(Run::timer) {
            waiting.push((user, timer_of(journey), until));
        }
    }
    merges::inherit(session, &renumbered, &inherited, now);
    let waiting: Vec<(&str, &str, Instant)> = waiting
        .iter()
        .map(|(u, t, at)| (*u, t.as_str(), *at))
        .collect();
    timers::arm(session, &waiting, Quiet::default());
}

/// The reason for which a run ends, and what is kept of it then.
fn ended(stored: &Stored, exit: Exit, now: Instant) -> Option<(&'static str, String)> {
    let change: Change = run::end(&stored.run, exit)?;
    let mut labels = stored.labels();
    let label = stored.label.as_deref().unwrap_or_default();
    labels.note(change, label, None, now.since(stored.run.since));
    Some((exit.reason()?, labels.text()))
}
