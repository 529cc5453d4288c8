//! The journeys, and which of them an event or a transition concerns.
//!
//! They are loaded apart from the buckets, of which there may be ten thousand: a runner that waits for a name for
//! the first time changes its journey (see `waits_for`), and nobody is to compile buckets anew for that.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::run::Policy;
use pgrx::pg_sys;

use super::names::Number;
use crate::pg::context::Context;
use crate::pg::locks::Definitions;
use crate::pg::memory;
use crate::pg::sql::Session;
use crate::store::journeys as store;
use crate::store::transitions::Transition;

pub use super::names::{JourneyNo, NameNo};

/// One journey, enabled or not: who is under way goes on.
pub struct Journey {
    pub id: String,
    pub policy: Policy,
}

/// What something that happens is to a journey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub starts: bool,
    pub exits: bool,
    /// Some run has waited for it.
    pub is_awaited: bool,
}

/// A name that some journey mentions.
struct Named {
    name: String,
    journeys: Vec<(JourneyNo, Roles)>,
    is_awaited: bool,
}

/// All journeys, indexed.
#[derive(Default)]
pub struct Journeys {
    /// Differs from that of all others that this backend has loaded.
    pub number: u64,
    journeys: Vec<Journey>,
    names: Vec<Named>,
    by_name: HashMap<String, NameNo>,
    /// Transitions of a bucket that are mentioned, by the bucket's id.
    of_bucket: HashMap<String, Vec<NameNo>>,
}

impl Journeys {
    pub(super) fn new(number: u64) -> Journeys {
        Journeys {
            number,
            ..Journeys::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.journeys.is_empty()
    }

    pub fn journey(&self, number: JourneyNo) -> &Journey {
        &self.journeys[number.place()]
    }

    /// The number of an event's name, if any journey mentions it.
    pub fn named(&self, event: &str) -> Option<NameNo> {
        if self.names.is_empty() {
            return None;
        }
        self.by_name.get(event).copied()
    }

    /// The number of a transition's name, if any journey mentions it.
    pub fn of_transition(&self, transition: &Transition) -> Option<NameNo> {
        if self.of_bucket.is_empty() {
            return None;
        }
        let of_bucket = self.of_bucket.get(transition.bucket)?.iter();
        let mut of_bucket = of_bucket.copied();
        of_bucket.find(|number| transition.is_named(self.name(*number)))
    }

    pub fn name(&self, number: NameNo) -> &str {
        &self.names[number.place()].name
    }

    /// The journeys that mention a name, and what it is to each.
    pub fn concerned(&self, number: NameNo) -> &[(JourneyNo, Roles)] {
        &self.names[number.place()].journeys
    }

    /// Whether some run may wait for it: then every one of a statement's events of that name matters, because a
    /// filter may let through any of them.
    pub fn is_awaited(&self, number: NameNo) -> bool {
        self.names[number.place()].is_awaited
    }

    /// Adds a journey.
    pub fn add(&mut self, journey: Journey) -> JourneyNo {
        self.journeys.push(journey);
        JourneyNo::new(self.journeys.len() - 1)
    }

    /// Notes that a journey mentions a name; one journey after the other.
    pub fn mention(&mut self, journey: JourneyNo, name: &str, roles: Roles) {
        let number = match self.by_name.get(name) {
            Some(number) => *number,
            None => self.add_name(name),
        };
        let named = &mut self.names[number.place()];
        named.is_awaited |= roles.is_awaited;
        match named.journeys.last_mut() {
            Some((last, known)) if *last == journey => {
                known.starts |= roles.starts;
                known.exits |= roles.exits;
                known.is_awaited |= roles.is_awaited;
            }
            _ => named.journeys.push((journey, roles)),
        }
    }

    fn add_name(&mut self, name: &str) -> NameNo {
        let number = NameNo::new(self.names.len());
        self.names.push(Named {
            name: name.to_owned(),
            journeys: Vec::new(),
            is_awaited: false,
        });
        self.by_name.insert(name.to_owned(), number);
        // `bucket`, the transition, the bucket's id, and of a dwell its label.
        let mut parts = name.split(':');
        if let (Some("bucket"), Some(_), Some(bucket)) = (parts.next(), parts.next(), parts.next())
        {
            let of_bucket = self.of_bucket.entry(bucket.to_owned()).or_default();
            of_bucket.push(number);
        }
        number
    }
}

thread_local! {
    static CACHE: RefCell<Option<Rc<Journeys>>> = const { RefCell::new(None) };
    static LOADED_FOR: Cell<Basis> = const { Cell::new((0, 0)) };
    static TABLE: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
}

/// The context, and the changes of table `journeys`.
type Basis = (u64, u64);

pub(super) fn basis(context: &Context) -> Basis {
    if TABLE.get() == pg_sys::InvalidOid {
        // Tables of an earlier release are without until they are migrated, and nobody tells when that is.
        TABLE.set(context.table(c"journeys"));
    }
    (context.number, memory::changes_of(TABLE.get()))
}

/// Tells every backend, with our commit, that definitions have changed.
pub fn announce_change(context: &Context) {
    memory::announce(context.table(c"journeys"));
}

/// The journeys as of now.
pub fn current(held: &Definitions, session: &Session) -> Rc<Journeys> {
    let context = held.context;
    let now = basis(context);
    let before = (CACHE.take(), LOADED_FOR.get());
    let journeys = match before {
        (Some(journeys), loaded_for) if loaded_for == now => journeys,
        _ => {
            TABLE.set(context.table(c"journeys"));
            LOADED_FOR.set(basis(context));
            let empty = Journeys::new(super::next_number());
            Rc::new(if TABLE.get() == pg_sys::InvalidOid {
                empty
            } else {
                store::load(session, empty)
            })
        }
    };
    CACHE.with(|cache| *cache.borrow_mut() = Some(Rc::clone(&journeys)));
    journeys
}
