//! Ids that a query returned, as the users whom they mean.

use std::collections::{BTreeSet, HashMap};
use std::iter;

use crate::pg::context::Context;
use crate::pg::direct;
use crate::pg::spool::Spool;
use crate::pg::sql::Session;
use crate::pipeline::PASS;
use crate::store::aliases;
use crate::store::contacts;

/// The same users, in byte order, with the users in the place of aliases; those are kept in memory, the others
/// are not. As of now, or as the calling query sees it. No connection is open around it, whose end would take
/// the spools with it.
pub fn resolve(context: &Context, returned: Spool, now: bool) -> Spool {
    let ask = |users: &[&str]| {
        let ask = |session: &Session| contacts::aliases_among(session, users);
        match now {
            true => Session::write(context, ask),
            false => Session::read(context, ask),
        }
    };
    if Session::read(context, |session| direct::is_empty(session, aliases::TABLE)) {
        return returned;
    }
    returned.rewind();
    let others = Spool::of_users();
    let mut meant: BTreeSet<String> = BTreeSet::new();
    loop {
        pgrx::check_for_interrupts!();
        let part: Vec<String> = iter::from_fn(|| returned.next())
            .map(|(user, _)| user)
            .take(PASS)
            .collect();
        let names: Vec<&str> = part.iter().map(String::as_str).collect();
        let met: HashMap<String, String> = ask(&names).into_iter().collect();
        for user in part.iter().filter(|user| !met.contains_key(*user)) {
            others.put(user, 0);
        }
        meant.extend(met.into_values());
        if part.len() < PASS {
            break;
        }
    }
    if meant.is_empty() {
        others.close();
        return returned;
    }
    returned.close();
    let all = merged(&others, meant);
    others.close();
    all
}

fn merged(others: &Spool, meant: BTreeSet<String>) -> Spool {
    let all = Spool::of_users();
    others.rewind();
    let mut meant = meant.into_iter().peekable();
    while let Some((user, _)) = others.next() {
        while let Some(before) = meant.next_if(|meant| *meant < user) {
            all.put(&before, 0);
        }
        meant.next_if(|meant| *meant == user);
        all.put(&user, 0);
    }
    meant.for_each(|user| all.put(&user, 0));
    all
}
