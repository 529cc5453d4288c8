//! The stays of other ids, made the users'. What becomes of each is decided in the core.

use std::collections::{BTreeMap, HashMap, HashSet};

use hogsend_core::stay::{self, Stay};
use hogsend_core::time::Instant;

use crate::pg::sql::Session;
use crate::store::merges::{self, Inherited, Pair, Renumbered};
use crate::store::stays;

/// Buckets that users are in by the stay of another id.
pub type Carried = HashMap<String, HashSet<String>>;

/// Makes the stays of the aliases of `pairs`, whose contacts and those of their users are locked, the users';
/// notes in `carried` which of those go on. Of users who are `gone` nobody goes on.
pub fn inherit(
    session: &Session,
    pairs: &[Pair],
    gone: &HashSet<&str>,
    now: Instant,
    carried: &mut Carried,
) {
    let aliases: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
    let places = aliases.iter().enumerate();
    let places: HashMap<&str, usize> = places.map(|(place, alias)| (*alias, place)).collect();
    let latest = stays::latest_of_users(session, &aliases);
    // For each user and bucket the ids that were in it, as they were named.
    let mut histories: BTreeMap<(&str, &str), BTreeMap<usize, &Stay>> = BTreeMap::new();
    for (alias, bucket, stay) in &latest {
        let place = places[alias.as_str()];
        let key = (pairs[place].1, bucket.as_str());
        histories.entry(key).or_default().insert(place, stay);
    }
    let users: Vec<&str> = histories.keys().map(|(user, _)| *user).collect();
    let buckets: Vec<&str> = histories.keys().map(|(_, bucket)| *bucket).collect();
    let own = stays::latest(session, &users, &buckets);
    let (mut renumbered, mut inherited) = (Vec::new(), Vec::new());
    for (((user, bucket), theirs), own) in histories.iter().zip(&own) {
        let all = own.iter().chain(theirs.values().copied());
        let merged = stay::merge(all, !gone.contains(user));
        let mut placed = merged.placed.iter();
        if let Some(own) = own
            && let Some(placed) = placed.next()
            && placed.entry_count != own.entry_count
        {
            renumbered.push(Renumbered {
                user,
                bucket,
                from: own.entry_count,
                to: placed.entry_count,
            });
        }
        let theirs = theirs.iter().zip(placed);
        inherited.extend(theirs.map(|((place, stay), placed)| Inherited {
            alias: aliases[*place],
            bucket,
            user,
            latest: stay.entry_count,
            entry_count: placed.entry_count,
            behind: placed.behind,
            ends: placed.ends,
        }));
        if merged
            .member
            .is_some_and(|member| member > 0 || own.is_none())
        {
            let buckets = carried.entry((*user).to_owned()).or_default();
            buckets.insert((*bucket).to_owned());
        }
    }
    merges::inherit(session, &renumbered, &inherited, now);
}
