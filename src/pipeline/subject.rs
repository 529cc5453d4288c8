//! Who is to be looked at, and what is known of why.

use std::collections::HashSet;
use std::rc::Rc;

use hogsend_core::criteria::{EventRow, Field, PropertyValue, Said};
use hogsend_core::time::Instant;

use super::Numbers;
use super::arrivals::Arrivals;
use super::cascade::InnerMove;
use super::totals::Added;
use crate::pg::settings::{self, Evaluate};
use crate::pg::zones::ServerZones;
use crate::registry::{Bucket, EventNo, KeyNo, Registry, StreamNo};
use crate::store::timers::Quiet;

/// A user who must be looked at.
#[derive(Default, Clone)]
pub struct Subject {
    pub user: String,
    /// Buckets to look at, by their place in the registry.
    pub buckets: Numbers,
    /// Look at every bucket that could have to do with the user.
    pub everything: bool,
    /// The latest and the earliest occurrence of each series that this statement brought or took.
    pub occurred: Vec<(StreamNo, Instant, Instant)>,
    /// What it brought of series of which it is kept what they come to; `None`: it may have done something else to
    /// them, or nobody has looked.
    pub(super) added: Option<Box<Added>>,
    /// Nothing is kept to which what they did is to be added, and they have been locked since that was seen.
    pub has_no_totals: bool,
    /// Events that it brought, as far as journeys mention them.
    pub(super) arrivals: Option<Box<Arrivals>>,
    /// All that the statement did to this user is that these events happened: it took none, and
    /// left the contact as it was.
    pub arrivals_only: bool,
    /// Joins of this user are not announced.
    pub silent: bool,
    /// Nothing of this user is announced, whatever happens.
    pub muted: bool,
    /// What the statement changed of the user's facts; `None` if that is not known.
    pub changes: Option<Changes>,
    /// The row of the queue that tells what is noted next; 0 where the statement itself does.
    pub row: i64,
    /// For manual buckets: whether the user is to be a member. For query buckets: whether the query
    /// returned them, where it was asked.
    pub wanted: Option<bool>,
    /// The last instant at which the query was asked and did not return them, as far as is known.
    pub absent_at: Option<Instant>,
    /// Buckets that the user is in by a stay of another id, which is the user's now.
    pub carried: Option<Rc<HashSet<String>>>,
    /// What has been done with the user in buckets that others name.
    pub moved: Vec<InnerMove>,
}

/// How the facts of a user differ from those before the statement. Kept only as far as buckets
/// whose job is under way ask for it, because nobody else's joins depend on what was before, and
/// where the clock is to be told.
#[derive(Default, Clone)]
pub struct Changes {
    /// There was no live contact before.
    pub appeared: Option<Told>,
    /// Occurrences that the statement brought.
    pub arrived: Vec<Moved>,
    /// Occurrences that it took.
    pub departed: Vec<Moved>,
    /// What it changed of properties (by the number of the path), with their values before, first come first.
    pub properties: Vec<(KeyNo, Option<PropertyValue>, Told)>,
}

/// An occurrence that came or went.
#[derive(Clone)]
pub struct Moved {
    /// Of which series.
    pub of: StreamNo,
    pub at: Instant,
    pub id: i64,
    pub said: Said,
    pub told: Told,
}

/// What tells of a change: a row of the queue by its number, or 0 for the statement itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told(i64);

impl Told {
    /// Whether it came after a row of the queue.
    pub fn after(self, row: i64) -> bool {
        self.0 == 0 || self.0 > row
    }
}

/// An event of which nothing but its name matters.
pub struct Unknown;

impl EventRow for Unknown {
    fn field(&self, _: &Field) -> Option<PropertyValue> {
        None
    }
}

impl Subject {
    pub fn new(user: &str) -> Subject {
        Subject {
            user: user.to_owned(),
            ..Subject::default()
        }
    }

    /// A user whom a statement concerns: what it changed will be noted.
    pub fn of_statement(user: &str) -> Subject {
        Subject {
            changes: Some(Changes::default()),
            ..Subject::new(user)
        }
    }

    /// The same, of whom something is not to be said.
    pub fn with_quiet(user: &str, quiet: Quiet) -> Subject {
        Subject {
            silent: quiet.silent,
            muted: quiet.muted,
            ..Subject::of_statement(user)
        }
    }

    /// A contact that was not there before: everything must be looked at.
    pub fn appears(&mut self) {
        self.everything = true;
        self.arrivals_only = false;
        if let Some(changes) = &mut self.changes {
            changes.appeared = Some(Told(self.row));
        }
    }

    /// Something else that is told of a user whom that row of the queue made known: they were no sooner there.
    pub fn appeared_by(&mut self, row: i64) {
        if let Some(changes) = &mut self.changes {
            changes.appeared.get_or_insert(Told(row));
        }
    }

    /// The same user once more, of whom something else is not to be said: they were no sooner there.
    pub fn appeared_with(&mut self, same: &Subject) {
        if let (Some(changes), Some(others)) = (&mut self.changes, &same.changes) {
            changes.appeared = others.appeared;
        }
    }

    /// An event of that name came at an instant, or went: it is noted for each series it belongs to.
    pub fn happened(
        &mut self,
        registry: &Registry,
        event: EventNo,
        (at, id): (Instant, i64),
        row: &impl EventRow,
        gone: bool,
    ) {
        registry.streams.matching(event, at, row, |number| {
            self.moved(registry, number, (at, id), row, gone);
        });
    }

    /// An event of that name came or went of which nobody can tell any more to which series it belonged.
    pub fn perhaps_happened(&mut self, registry: &Registry, event: EventNo, at: Instant) {
        for number in registry.streams.naming(event) {
            self.moved(registry, number, (at, 0), &Unknown, false);
        }
        self.changes = None;
    }

    /// An event of a series came or went.
    fn moved(
        &mut self,
        registry: &Registry,
        number: StreamNo,
        (at, id): (Instant, i64),
        row: &impl EventRow,
        gone: bool,
    ) {
        if let (Some(changes), true) = (&mut self.changes, registry.jobs_open) {
            let list = if gone {
                &mut changes.departed
            } else {
                &mut changes.arrived
            };
            list.push(Moved {
                of: number,
                at,
                id,
                said: registry.streams.of(number).said(at, row, &ServerZones),
                told: Told(self.row),
            });
        }
        let mut known = self.occurred.iter_mut();
        match known.find(|(series, ..)| *series == number) {
            Some((_, latest, earliest)) => {
                *latest = at.max(*latest);
                *earliest = at.min(*earliest);
            }
            None => {
                if self.occurred.is_empty() {
                    // Mostly it is the only one, and there may be very many users.
                    self.occurred.reserve_exact(1);
                }
                self.occurred.push((number, at, at));
                let concerned = registry.streams.concerned(number);
                self.buckets.extend(concerned.iter().copied());
            }
        }
    }

    /// A top-level property has another value than it had, both JSON; `None`: it was, or is, absent. The buckets
    /// to which that can matter are to be looked at.
    pub fn property_changed(
        &mut self,
        registry: &Registry,
        key: &str,
        was: Option<&str>,
        is: Option<&str>,
    ) {
        let is_left = settings::evaluate() == Evaluate::later;
        for number in registry.properties.under(key) {
            let below = registry.properties.path(*number).rest();
            let value = |json: Option<&str>| PropertyValue::parse_at(json?, below);
            let (was, is) = (value(was), value(is));
            let concerned = registry.concerned_by_value(*number, was.as_ref(), is.as_ref());
            let wanted = registry.jobs_open || is_left && !concerned.is_empty();
            self.buckets.extend(concerned);
            if let (Some(changes), true) = (&mut self.changes, wanted) {
                changes.properties.push((*number, was, Told(self.row)));
            }
        }
    }

    /// A top-level property may have changed, and nobody can tell any more from what.
    pub fn property_perhaps_changed(&mut self, registry: &Registry, key: &str) {
        self.changes = None;
        for number in registry.properties.under(key) {
            self.buckets.extend(registry.properties.reading(*number));
        }
    }

    /// When the latest of the statement's events that concern the bucket happened, if any did: what none of
    /// its legs counts dates nothing.
    pub(super) fn latest(&self, bucket: &Bucket, now: Instant) -> Option<Instant> {
        let named = self
            .occurred
            .iter()
            .filter(|(series, ..)| bucket.is_concerned_by(*series));
        named.map(|(_, at, _)| (*at).min(now)).max()
    }
}
