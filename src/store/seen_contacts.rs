//! Users whose contact is known to exist, so that an event that no bucket references costs no
//! look-up.
//!
//! Only contacts that were *seen* are remembered, and all are forgotten whenever one might be gone:
//! when a contact is deleted anywhere (its trigger announces a change of the table, and TRUNCATE is
//! one by itself), and when a (sub)transaction of ours ends otherwise than by committing, because it
//! may have been the one that created what we saw. A deletion that commits while our statement runs
//! is not noticed, as if the event had come first.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::memory;

/// Bounds the memory of a backend that sees very many users: some megabytes. Of more than that half are forgotten,
/// whichever, so that of users who come one after the other, and then again, some are known.
const MOST: usize = 100_000;

/// What all of it rests on: the context, the changes of its contacts, and what was undone.
type Basis = (u64, u64, u64);

thread_local! {
    static USERS: RefCell<HashSet<Box<str>>> = RefCell::new(HashSet::new());
    static BASIS: Cell<Basis> = const { Cell::new((0, 0, 0)) };
    /// The table that they were seen in, so that it need not be looked up to find them.
    static CONTACTS: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
}

fn basis(context: &Context) -> Basis {
    let changes = memory::changes_of(CONTACTS.get());
    (context.number, changes, memory::undone())
}

pub fn contains(context: &Context, user: &str) -> bool {
    BASIS.get() == basis(context) && USERS.with_borrow(|users| users.contains(user))
}

/// Those of `users` whose contacts have not been seen.
pub fn unseen<'u>(context: &Context, users: &[&'u str]) -> Vec<&'u str> {
    if BASIS.get() != basis(context) {
        return users.to_vec();
    }
    let users = users.iter().copied();
    USERS.with_borrow(|seen| users.filter(|user| !seen.contains(*user)).collect())
}

/// Remembers a user whose contact row was just seen.
pub fn remember(context: &Context, user: &str) {
    remember_all(context, [user].into_iter());
}

/// The same of several.
pub fn remember_all<'u>(context: &Context, users: impl Iterator<Item = &'u str>) {
    CONTACTS.set(context.table(c"contacts"));
    let now = basis(context);
    USERS.with_borrow_mut(|seen| {
        if BASIS.replace(now) != now {
            seen.clear();
        }
        for user in users {
            if seen.len() >= MOST {
                let mut stays = false;
                seen.retain(|_| {
                    stays = !stays;
                    stays
                });
            }
            seen.insert(user.into());
        }
    });
}

/// Tells every backend, with our commit, that contacts are gone.
pub fn announce_deletion(context: &Context) {
    memory::announce(context.table(c"contacts"));
}
