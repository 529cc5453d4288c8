//! What was stored of users when this backend last looked, for as long as nobody else has.
//!
//! Stays, timers and totals change only under the lock on the user's contact, and every lock leaves its
//! transaction's id on the row. So whoever locks the row and finds the id that their own last lock
//! left there knows that nothing has changed since. A busy user's next event, in the same backend,
//! then needs the lock and little else. It is used to see that there is nothing to write, and for
//! nothing more: whatever is about to be written is read anew (I4). doc/design.md has the proof.
//!
//! Everything is forgotten (I12) when a (sub)transaction of ours ends otherwise than by committing, when
//! the definitions change, and when one of the tables is truncated or altered; and a user when we
//! write for them ourselves.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::stays::Stored;
use crate::pg::direct::{Holder, Holders, Place};
use crate::pg::memory;
use crate::registry::{BucketNo, Registry};

/// Bounds the memory of a backend that sees very many users: some megabytes.
const MOST: usize = 10_000;

/// A user's pairs by the bucket's place in the registry, whose lock was the last, and where the contact
/// was then.
struct Entry {
    holder: Holder,
    place: Option<Place>,
    pairs: Vec<(BucketNo, Stored)>,
    /// None of their series has a total.
    no_totals: bool,
}

impl Entry {
    fn pairs_with(&self, buckets: &[BucketNo]) -> Option<Vec<Stored>> {
        let of_bucket = |bucket: &BucketNo| {
            let pair = self.pairs.iter().find(|(number, _)| number == bucket);
            pair.map(|(_, stored)| stored.clone())
        };
        buckets.iter().map(of_bucket).collect()
    }

    fn all(&self, buckets: &[BucketNo], test: impl Fn(BucketNo, &Stored) -> bool) -> bool {
        buckets.iter().all(|bucket| {
            let pair = self.pairs.iter().find(|(number, _)| number == bucket);
            pair.is_some_and(|(_, stored)| test(*bucket, stored))
        })
    }
}

/// What everything remembered depends on: the definitions, the alterations of tables, and what of ours
/// was undone.
type Basis = (u64, u64, u64);

thread_local! {
    static USERS: RefCell<HashMap<Box<str>, Entry>> = RefCell::new(HashMap::new());
    static BASIS: Cell<Basis> = const { Cell::new((0, 0, 0)) };
}

/// Begins anew where what was remembered no longer holds.
fn check_basis(registry: &Registry) {
    let basis = (registry.number, memory::alterations(), memory::undone());
    if BASIS.replace(basis) != basis {
        USERS.with_borrow_mut(HashMap::clear);
    }
}

/// Where the contact was and whether `test` held for each of the user's pairs with these buckets when we last
/// looked, be it so or not by now; `None` where one of them is not remembered.
pub fn held(
    registry: &Registry,
    user: &str,
    buckets: &[BucketNo],
    test: impl Fn(BucketNo, &Stored) -> bool,
) -> Option<(Option<Place>, bool)> {
    check_basis(registry);
    USERS.with_borrow(|users| {
        let entry = users.get(user)?;
        if entry.all(buckets, &test) {
            return Some((entry.place, true));
        }
        entry
            .all(buckets, |_, _| true)
            .then_some((entry.place, false))
    })
}

/// Whether it holds, for whoever has just locked the contact; `false` too where anybody else had the lock since
/// we looked.
pub fn holds(
    registry: &Registry,
    user: &str,
    holders: Holders,
    buckets: &[BucketNo],
    test: impl Fn(BucketNo, &Stored) -> bool,
) -> bool {
    with_locked(registry, user, holders, |entry| entry.all(buckets, test)) == Some(true)
}

/// What is stored of the user's pairs with these buckets, for whoever has just locked the contact;
/// `None` where anybody else had the lock since we looked.
pub fn of(
    registry: &Registry,
    user: &str,
    holders: Holders,
    buckets: &[BucketNo],
) -> Option<Vec<Stored>> {
    with_locked(registry, user, holders, |entry| entry.pairs_with(buckets)).flatten()
}

fn with_locked<R>(
    registry: &Registry,
    user: &str,
    holders: Holders,
    read: impl FnOnce(&Entry) -> R,
) -> Option<R> {
    let (before, after) = (holders.before?, holders.after?);
    check_basis(registry);
    USERS.with_borrow_mut(|users| {
        let entry = users.get_mut(user).filter(|entry| entry.holder == before)?;
        entry.holder = after;
        entry.place = holders.place;
        Some(read(entry))
    })
}

/// Whether it is known that nothing is kept of what the user's series come to, for whoever has just locked the contact.
pub fn has_no_totals(user: &str, holders: Holders) -> bool {
    USERS.with_borrow(|users| {
        let entry = users.get(user).filter(|entry| {
            [holders.before, holders.after].contains(&Some(entry.holder)) && entry.no_totals
        });
        entry.is_some()
    })
}

/// Remembers that nothing is kept of it, of whom something is remembered under the same lock.
pub fn keep_no_totals(user: &str, holders: Holders) {
    USERS.with_borrow_mut(|users| {
        if let Some(entry) = users.get_mut(user)
            && Some(entry.holder) == holders.after
        {
            entry.no_totals = true;
        }
    });
}

/// Where the user's contact was when it was last locked; true or not.
pub fn place(user: &str) -> Option<Place> {
    USERS.with_borrow(|users| users.get(user)?.place)
}

/// Remembers what was just read under a lock, beside what is still known of other buckets.
pub fn keep(
    registry: &Registry,
    user: &str,
    holders: Holders,
    buckets: &[BucketNo],
    stored: &[Stored],
) {
    let Some(holder) = holders.after else {
        return;
    };
    check_basis(registry);
    USERS.with_borrow_mut(|users| {
        if users.len() >= MOST {
            users.clear();
        }
        let nothing = || Entry {
            holder,
            place: holders.place,
            pairs: Vec::new(),
            no_totals: false,
        };
        let entry = users.entry(user.into()).or_insert_with(nothing);
        if entry.holder != holder {
            *entry = nothing();
        }
        entry.pairs.retain(|(number, _)| !buckets.contains(number));
        let read = buckets.iter().copied().zip(stored.iter().cloned());
        entry.pairs.extend(read);
    });
}

/// For whoever writes stays, timers or totals.
pub fn forget<'u>(of: impl IntoIterator<Item = &'u str>) {
    USERS.with_borrow_mut(|users| {
        for user in of {
            if users.is_empty() {
                return;
            }
            users.remove(user);
        }
    });
}
