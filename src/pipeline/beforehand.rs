//! What the trigger sees before it asks for the definer's rights: whether what a single user did changes anything. It
//! takes the lock on the user's contact, and memory or the indexes, and no SQL. What it has read is handed to the
//! pipeline, if there is more to be done.

use std::cell::Cell;
use std::collections::HashMap;

use hogsend_core::criteria::Total;
use hogsend_core::time::Instant;

use super::alone::{is_settled, of_user};
use super::judge::{evaluate, is_at_rest};
use super::pair::Pair;
use super::user_facts::{Loaded, UserFacts, load_directly};
use super::{Pipeline, Subject, run};
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::moment;
use crate::registry::{BucketNo, Registry};
use crate::store::contacts::{self, Contact};
use crate::store::remembered;
use crate::store::stays::{OfUser, Stored};
use crate::store::totals;

/// What it comes to.
pub enum Beforehand {
    /// Nothing changes in any bucket, nor any run.
    Settled,
    /// Something may, and this was read.
    Read(Box<Read>),
    /// Nobody knows.
    Unknown,
}

/// What was read of a user under their lock.
pub struct Read {
    user: String,
    contact: Contact,
    /// What is stored of the pairs; `None` where memory had it.
    found: Option<OfUser>,
    /// The buckets of these pairs.
    numbers: Vec<BucketNo>,
    /// What they did, as far as the buckets ask that are not settled.
    facts: Option<Loaded>,
    /// It is known that nothing is kept to which what they did would have to be added.
    pub has_no_totals: bool,
    /// The command by which it was read: who has written since must read it again.
    command: u32,
}

/// Whether what happened changes anything.
pub fn look(context: &Context, registry: &Registry, subject: &Subject) -> Beforehand {
    if !subject.arrivals_only || subject.arrivals.is_some() || subject.buckets.is_empty() {
        return Beforehand::Unknown;
    }
    let user = &subject.user;
    let buckets = &subject.buckets;
    // To be asked under the lock: before it somebody else may keep the first of all.
    let adds = || subject.touches_totals(registry) && totals::may_be(context);
    let kept = |contact: &Contact| kept_of(context, user, contact);
    let settled_at = |now: Instant| {
        move |number: BucketNo, stored: &Stored| is_settled(registry, number, subject, stored, now)
    };
    let held = remembered::held(registry, user, buckets, settled_at(clock::now()));
    if let Some((place, true)) = held {
        let contact = contacts::lock_at(context, user, place, &[]).flatten();
        let contact = contact.filter(|contact| !contact.deleted);
        let is_settled = contact.is_some_and(|contact| {
            let settled = settled_at(clock::now());
            let holds = remembered::holds(registry, user, contact.holders, buckets, settled);
            if !holds || !adds() {
                return holds;
            }
            let kept = kept(&contact);
            if kept.as_ref().is_some_and(|kept| kept.is_empty()) {
                remembered::keep_no_totals(user, contact.holders);
            }
            kept.is_some_and(|kept| !has_touched(registry, subject, &kept))
        });
        return match is_settled {
            true => Beforehand::Settled,
            false => Beforehand::Unknown,
        };
    }
    let keys = registry.keys_of(buckets.iter().copied());
    let contact = contacts::lock_at(context, user, remembered::place(user), &keys).flatten();
    let Some(contact) = contact.filter(|contact| !contact.deleted) else {
        return Beforehand::Unknown;
    };
    let adds = adds();
    let kept = if adds { kept(&contact) } else { None };
    let has_totals = adds
        && kept
            .as_ref()
            .is_none_or(|kept| has_touched(registry, subject, kept));
    let has_none = kept.as_ref().is_some_and(|kept| kept.is_empty());
    let kept = Cell::new(kept);
    let now = clock::now();
    let evaluated = |stored: &[Stored]| {
        if has_totals {
            // What came is to be added first, which takes the definer's rights.
            return Open::Unknown;
        }
        let settled = settled_at(now);
        let pairs = buckets.iter().copied().zip(stored);
        let open = pairs.filter(|(number, stored)| !settled(*number, stored));
        evaluate_open(
            context,
            registry,
            subject,
            &contact,
            &open.collect::<Vec<_>>(),
            kept.take(),
            now,
        )
    };
    let known = held.and_then(|_| remembered::of(registry, user, contact.holders, buckets));
    let (open, found) = match known {
        // It is good for seeing that there is nothing to write, and for no more.
        Some(stored) => (evaluated(&stored), None),
        None => {
            let Some(found) = of_user(context, registry, user, buckets) else {
                return Beforehand::Unknown;
            };
            // What was done while evaluation was off has not been looked at.
            if found.is_queued {
                (Open::Unknown, Some(found))
            } else {
                let stored = &found.stored;
                remembered::keep(registry, user, contact.holders, buckets, stored);
                (evaluated(stored), Some(found))
            }
        }
    };
    if has_none {
        remembered::keep_no_totals(user, contact.holders);
    }
    let facts = match open {
        Open::AtRest => return Beforehand::Settled,
        Open::Moves(loaded) => Some(loaded),
        Open::Unknown => None,
    };
    Beforehand::Read(Box::new(Read {
        user: user.clone(),
        contact,
        found,
        numbers: buckets.to_vec(),
        facts,
        has_no_totals: adds && !has_totals,
        command: moment::commands_counted(),
    }))
}

/// What is kept of the series of a user, who is locked; `None` where only SQL can tell.
fn kept_of(context: &Context, user: &str, contact: &Contact) -> Option<Vec<(String, Total)>> {
    if remembered::has_no_totals(user, contact.holders) {
        return Some(Vec::new());
    }
    totals::of_user_directly(context, user)
}

/// Whether something is kept of a series to which something happened.
fn has_touched(registry: &Registry, subject: &Subject, kept: &[(String, Total)]) -> bool {
    let is_touched = |(series, _): &(String, Total)| subject.touches(registry, series);
    kept.iter().any(is_touched)
}

/// What becomes of the pairs that are not settled.
enum Open {
    AtRest,
    /// There is something to write, by what was read for their buckets.
    Moves(Loaded),
    Unknown,
}

fn evaluate_open(
    context: &Context,
    registry: &Registry,
    subject: &Subject,
    contact: &Contact,
    open: &[(BucketNo, &Stored)],
    kept: Option<Vec<(String, Total)>>,
    now: Instant,
) -> Open {
    if open.is_empty() {
        return Open::AtRest;
    }
    let numbers: Vec<BucketNo> = open.iter().map(|(number, _)| *number).collect();
    // Whether they joined before an open job came to them is for the pipeline to find out.
    let is_plain = |number: &BucketNo| registry.bucket(*number).job.is_none();
    if subject.silent || !numbers.iter().all(is_plain) {
        return Open::Unknown;
    }
    let user = &subject.user;
    let Some(known) = load_directly(context, registry, user, contact, &numbers, kept, now) else {
        return Open::Unknown;
    };
    let is_at_rest = |(number, stored): &(BucketNo, &Stored)| {
        let bucket = registry.bucket(*number);
        let (facts, verdict) = evaluate(bucket, &known, now);
        let mut pair = Pair::new(subject, bucket, facts, verdict, run::ARRIVAL);
        pair.stored = (*stored).clone();
        is_at_rest(pair, run::ARRIVAL, now)
    };
    if open.iter().all(is_at_rest) {
        return Open::AtRest;
    }
    Open::Moves(known.into_loaded(numbers))
}

impl Pipeline<'_> {
    /// What was read of the only subject beforehand, if that is still all there is to read.
    pub(super) fn take_read(
        &self,
        subjects: &[Subject],
    ) -> Option<(HashMap<String, Contact>, Option<OfUser>)> {
        let read = *self.read.take()?;
        let [subject] = subjects else {
            return None;
        };
        let is_still = subject.arrivals_only
            && subject.user == read.user
            && read.command == moment::commands_counted()
            && subject.buckets.to_vec() == read.numbers;
        is_still.then(|| {
            self.loaded.set(read.facts);
            let contacts = HashMap::from([(read.user, read.contact)]);
            (contacts, read.found)
        })
    }

    /// What was read beforehand for the buckets that the only subject is left with.
    pub(super) fn facts_read<'a>(
        &self,
        subjects: &[&'a Subject],
        contacts: &'a HashMap<String, Contact>,
    ) -> Option<UserFacts<'a>> {
        let loaded = self.loaded.take()?;
        let [subject] = subjects else {
            return None;
        };
        let user = &subject.user;
        loaded.of_buckets(user, contacts.get(user), &subject.buckets)
    }
}
