//! What users did, as it was read for the bucket before: for whoever defines many on the same events,
//! in one statement or in as many as there are.
//!
//! Kept is what [`of_stretch`](super::of_stretch) reads while a statement on `buckets` is at work, and it
//! is given for what is there as long as that cannot have changed:
//!
//! - Nothing has become visible since that others have done ([`Moment`]), in whatever table: whoever
//!   writes around our triggers is seen, too.
//! - This session has written nothing in between two statements on `buckets`: the command counter says so,
//!   within a transaction and over its end. While such a statement is at work it writes itself, and a
//!   trigger of the user's may write events then, which our own trigger on them tells.
//! - No (sub)transaction of this session has ended otherwise than by committing.
//!
//! On a server where others commit all the time it is all read again each time.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::Occurrences;
use crate::pg::context::Context;
use crate::pg::direct::Latest;
use crate::pg::memory;
use crate::pg::moment::{self, Moment};

/// What is known of one event and a stretch of users; `None`: it is more than was asked for.
type Answer = Option<Rc<Vec<Occurrences>>>;

/// How many bytes are kept, about.
const MOST: usize = 3 << 20;

/// Transactions of ours, and parts of them, that are let pass before all is read again.
const MOST_HARMLESS: usize = 64;

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::default());
    /// What had been undone of ours when it was kept; cleared by whoever writes events.
    static VALID: Cell<Option<u64>> = const { Cell::new(None) };
    /// A statement on `buckets` is at work: what had been undone of ours when it began.
    static AT_WORK: Cell<Option<u64>> = const { Cell::new(None) };
    /// The command after the last such statement of this transaction; `None` in another one.
    static COMMAND: Cell<Option<u32>> = const { Cell::new(None) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

#[derive(Default)]
struct Kept {
    /// The installation.
    of: u64,
    /// When it was so.
    moment: Moment,
    /// Transactions of ours since then, which did nothing but define buckets.
    harmless: Vec<u32>,
    stretches: Vec<Stretch>,
    bytes: usize,
}

/// What is known of the users of one stretch.
struct Stretch {
    /// Their ids, each with a byte after it that is in none.
    users: String,
    events: HashMap<String, Answer>,
}

/// Begins what a statement on `buckets` does, before anything is written for it.
pub fn enter() {
    AT_WORK.set(Some(memory::undone()));
    // A transaction that has written nothing is at its first command.
    if is_valid() && COMMAND.get().unwrap_or(0) != moment::commands_counted() {
        forget();
    }
}

/// Ends it.
pub fn leave() {
    AT_WORK.set(None);
    if is_valid() {
        COMMAND.set(Some(moment::commands()));
    }
}

fn is_valid() -> bool {
    VALID.get() == Some(memory::undone())
}

fn is_at_work() -> bool {
    AT_WORK.get() == Some(memory::undone())
}

/// For whoever writes events.
pub fn forget() {
    VALID.set(None);
}

/// What was read for the same question, if it is still so at the time of the snapshot.
pub fn find(context: &Context, latest: &Latest, users: &[&str], event: &str) -> Option<Answer> {
    if !is_at_work() {
        return None;
    }
    KEPT.with_borrow_mut(|kept| {
        if !kept.check(context, latest) {
            return None;
        }
        let users = joined(users);
        let stretch = kept.stretches.iter().find(|known| known.users == users)?;
        stretch.events.get(event).cloned()
    })
}

/// Keeps what was read under a snapshot, if there is room for it.
pub fn keep(context: &Context, latest: &Latest, users: &[&str], event: &str, answer: &Answer) {
    if !is_at_work() {
        return;
    }
    KEPT.with_borrow_mut(|kept| {
        if !kept.check(context, latest) {
            hook();
            *kept = Kept {
                of: context.number,
                moment: Moment::of(latest),
                ..Kept::default()
            };
            VALID.set(Some(memory::undone()));
        }
        let users = joined(users);
        let place = kept.stretches.iter().position(|known| known.users == users);
        let mut bytes = event.len() + answer.as_ref().map_or(0, |answer| size_of(answer));
        if place.is_none() {
            bytes += users.len();
        }
        if kept.bytes + bytes > MOST {
            return;
        }
        kept.bytes += bytes;
        let place = place.unwrap_or_else(|| {
            let events = HashMap::new();
            kept.stretches.push(Stretch { users, events });
            kept.stretches.len() - 1
        });
        let events = &mut kept.stretches[place].events;
        events.insert(event.to_owned(), answer.clone());
    });
}

impl Kept {
    /// Whether it is all still so; then it was so at the time of that snapshot, too.
    fn check(&mut self, context: &Context, latest: &Latest) -> bool {
        let is_still =
            is_valid() && self.of == context.number && self.moment.is_still(latest, &self.harmless);
        if is_still {
            self.moment = Moment::of(latest);
            self.harmless.clear();
        } else {
            forget();
            *self = Kept::default();
        }
        is_still
    }
}

fn joined(users: &[&str]) -> String {
    let mut joined = String::new();
    for user in users {
        joined.push_str(user);
        joined.push('\0');
    }
    joined
}

fn size_of(answer: &[Occurrences]) -> usize {
    let of_one = |one: &Occurrences| size_of_val(one) + size_of_val(one.dense.as_slice());
    answer.iter().map(of_one).sum()
}

fn hook() {
    if !HOOKED.replace(true) {
        // SAFETY: the callback is guarded and lives as long as the library, which is never unloaded.
        // Registered once a backend.
        unsafe { pg_sys::RegisterXactCallback(Some(before_commit), std::ptr::null_mut()) };
    }
}

/// Keeps it over the end of a transaction that has done nothing since but to define buckets, or nothing
/// at all.
#[pg_guard]
unsafe extern "C-unwind" fn before_commit(
    event: pg_sys::XactEvent::Type,
    _arg: *mut std::ffi::c_void,
) {
    if event == pg_sys::XactEvent::XACT_EVENT_PRE_COMMIT {
        let is_kept = is_valid() && let_pass();
        COMMAND.set(None);
        if !is_kept {
            forget();
            KEPT.take();
        }
    }
}

fn let_pass() -> bool {
    let own = moment::own_transactions();
    if own.is_empty() {
        return true;
    }
    let is_harmless = COMMAND.get().is_some_and(|then| then == moment::commands());
    is_harmless
        && KEPT.with_borrow_mut(|kept| {
            kept.harmless.extend(own);
            kept.harmless.len() <= MOST_HARMLESS
        })
}
