//! Events that are under an alias nonetheless: the clock brings them to the users whose they are.
//!
//! Under `hogsend.evaluate = later` nobody asks whose id it is, and the queue tells of them. And an event of a
//! known contact that no bucket counts takes no lock: its transaction can be open while hogsend_identify makes an
//! alias of that id, which cannot see it. So each new alias is looked at twice more: when the clock first
//! sees it, and when all transactions of that moment have ended.

use crate::pg::clock;
use crate::pg::direct;
use crate::pg::error::Refusal;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pipeline::PASS;
use crate::store::aliases::{self, TABLE};
use crate::store::queue;

/// Looks at aliases that were made since the last time, and at those whose time has come.
pub fn look_for_new(session: &Session) {
    if direct::is_empty(session, TABLE) || !queue::exists(session.context()) {
        return;
    }
    for look in [aliases::ripe, aliases::first_seen] {
        let found = look(session, PASS as i64);
        bring_home(
            session,
            &found.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
}

/// Brings the events of those of `names` that are aliases, and what the queue says of them, to their users,
/// who are then in the queue; returns them. Aliases that somebody has in hands are passed over.
pub fn bring_home(session: &Session, names: &[&str]) -> Vec<String> {
    if names.is_empty() {
        return Vec::new();
    }
    let result = attempt(|| {
        Session::write(session.context(), |session| {
            let pairs = aliases::claim(session, names);
            aliases::bring_home(session, &pairs, clock::now());
            pairs
        })
    });
    match result {
        Ok(pairs) => {
            let mut users: Vec<String> = pairs.into_iter().map(|(_, user)| user).collect();
            users.sort_unstable();
            users.dedup();
            users
        }
        Err(_) if names.len() > 1 => {
            let (first, second) = names.split_at(names.len() / 2);
            let mut users = bring_home(session, first);
            users.extend(bring_home(session, second));
            users.sort_unstable();
            users.dedup();
            users
        }
        Err(error) => {
            aliases::reopen(session, names);
            Refusal::note("events of an alias could not be made the user's")
                .detail(error)
                .hint("The clock tries again; hogsend_health() shows which.")
                .warn();
            Vec::new()
        }
    }
}
