//! Statements under `hogsend.evaluate = later`: no user is locked, and nobody is looked at. What they
//! did is put into the queue for the clock.

use std::collections::{BTreeSet, HashSet};

use hogsend_core::criteria::EventRow;
use hogsend_core::time::Instant;

use super::touched::{NUMBERED, RESERVED_PREFIX, Touched, WHOLE, row};
use super::{Ingest, by_quiet};
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::row::Row;
use crate::pg::scratch::Scratch;
use crate::pg::settings::{self, Evaluate};
use crate::pg::sql::json_text;
use crate::pg::trigger::{Operation, Side};
use crate::pipeline::{PASS, Subject, Unknown};
use crate::registry::{KeyNo, Registry};
use crate::store::contacts as store;
use crate::store::queue::{self, Touch, What};
use crate::store::seen_contacts;
use crate::store::timers::Quiet;

/// Whether that is how it is to be done. Tables of an earlier release have no queue.
pub fn is_asked_for(context: &Context) -> bool {
    settings::evaluate() == Evaluate::later && queue::exists(context)
}

/// What is put into the queue, a few at a time.
struct Queue<'s, 'a> {
    ingest: &'s Ingest<'a>,
    touches: Vec<Touch>,
    quiet: Quiet,
    now: Instant,
}

impl Queue<'_, '_> {
    fn push(&mut self, touch: Touch) {
        self.touches.push(touch);
        if self.touches.len() >= PASS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let touches = std::mem::take(&mut self.touches);
        self.ingest
            .session
            .nested(|session| queue::append(session, &touches, self.quiet, self.now));
    }
}

impl<'a> Ingest<'a> {
    fn queue_of(&self, quiet: Quiet) -> Queue<'_, 'a> {
        Queue {
            ingest: self,
            touches: Vec::new(),
            quiet,
            now: clock::now(),
        }
    }

    /// Leaves what a statement on events did to the clock: events that buckets or journeys mention, patches,
    /// and one event of each user whom nobody knows.
    pub(super) fn leave_events(&self, touched: &Touched) {
        let operation = self.call.operation;
        let mut strangers = self.strangers(touched);
        let known: HashSet<String> = match operation {
            Operation::Insert => HashSet::new(),
            _ => self.known(touched.users.iter().map(|s| s.user.as_str())),
        };
        let mut queue = self.queue_of(Quiet {
            silent: touched.users.iter().any(|subject| subject.silent),
            muted: !settings::announce(),
        });
        self.for_each(Side::Old, What::Deleted, |touch| {
            // To lose an event makes nobody known.
            if let Some((touch, true)) = touch
                && known.contains(&touch.user)
            {
                queue.push(touch);
            }
        });
        let what = match operation {
            Operation::Insert => What::Inserted,
            _ => What::Updated,
        };
        self.for_each(Side::New, what, |touch| {
            if let Some((touch, concerns)) = touch
                && (concerns || strangers.remove(&touch.user))
            {
                store::check_id(&touch.user);
                queue.push(touch);
            }
        });
        queue.flush();
    }

    /// Hands to `visit` what is to be said of each row of the statement.
    fn for_each(&self, side: Side, what: What, mut visit: impl FnMut(Option<(Touch, bool)>)) {
        if self.registry.streams.read_rows {
            let scratch = Scratch::new();
            self.call.for_each(side, &WHOLE, |row| {
                let document = row.event(row::EVENT_ROW);
                visit(scratch.with(|| touch(self.registry, &row, what, &document)));
            });
        } else {
            self.call.for_each(side, &NUMBERED, |row| {
                visit(touch(self.registry, &row, what, &Unknown));
            });
        }
    }

    /// Users without a contact, of whom it may be that nothing they did is put into the queue.
    fn strangers(&self, touched: &Touched) -> HashSet<String> {
        let context = &self.call.context;
        // What a bucket references may be what was corrected, and is no more.
        let corrects = self.call.operation == Operation::Update;
        let doubtful = touched
            .users
            .iter()
            .filter(|s| corrects || !s.is_concerned())
            .filter(|s| !seen_contacts::contains(context, &s.user))
            .map(|s| s.user.as_str());
        let doubtful: Vec<&str> = doubtful.collect();
        if let [user] = doubtful.as_slice() {
            if store::exists(self.session, user) {
                seen_contacts::remember(context, user);
                return HashSet::new();
            }
            return HashSet::from([(*user).to_owned()]);
        }
        let known = self.known(doubtful.iter().copied());
        let unknown = doubtful.into_iter().filter(|user| !known.contains(*user));
        unknown.map(str::to_owned).collect()
    }

    /// Which of `users` have a contact.
    fn known<'u>(&self, users: impl Iterator<Item = &'u str>) -> HashSet<String> {
        let users: Vec<&str> = users.collect();
        let mut known = HashSet::new();
        for users in users.chunks(PASS) {
            self.session
                .nested(|session| known.extend(store::read(session, users, &[]).into_keys()));
        }
        known
    }

    /// Leaves what a statement on contacts did to the clock. The rows are the statement's own.
    pub(super) fn leave_contacts(&self, subjects: &[Subject]) {
        for (quiet, subjects) in by_quiet(subjects) {
            let mut queue = self.queue_of(quiet);
            for subject in subjects {
                let about = |what, name: Option<&str>| Touch {
                    user: subject.user.clone(),
                    what,
                    name: name.map(str::to_owned),
                    event_id: None,
                    occurred_at: None,
                    email: None,
                    properties: None,
                };
                let changed = subject.changes.iter().flat_map(|c| &c.properties);
                let mut changed = changed.peekable();
                if subject.everything || changed.peek().is_none() {
                    queue.push(about(What::Contact, None));
                    continue;
                }
                let key = |(property, ..): &(KeyNo, _, _)| {
                    let path = self.registry.properties.path(*property);
                    path.key()
                };
                let keys: BTreeSet<&str> = changed.map(key).collect();
                for key in keys {
                    queue.push(about(What::Property, Some(key)));
                }
            }
            queue.flush();
        }
    }
}

/// What is to be said of a row, and whether it concerns a bucket, a journey or a contact; `None` where it is not
/// ours to look at.
fn touch(
    registry: &Registry,
    row: &Row,
    what: What,
    document: &impl EventRow,
) -> Option<(Touch, bool)> {
    let (user, event) = (row.text(row::USER_ID)?, row.text(row::EVENT)?);
    if event.starts_with(RESERVED_PREFIX) {
        return None;
    }
    let mut touch = Touch {
        user: user.to_owned(),
        what,
        name: Some(event.to_owned()),
        event_id: row.bigint(row::ID),
        occurred_at: row.bigint(row::OCCURRED_AT).map(Instant),
        email: None,
        properties: None,
    };
    if what == What::Inserted {
        touch.email = row.text(row::USER_EMAIL).map(str::to_owned);
        if row.is_json_object(row::CONTACT_PROPERTIES) {
            touch.properties = row.datum(row::CONTACT_PROPERTIES).map(json_text);
        }
    }
    let at = touch.occurred_at.unwrap_or(Instant(i64::MIN));
    let begins_runs = what == What::Inserted && settings::announce();
    let concerns = touch.has_patch()
        || begins_runs && registry.journeys.named(event).is_some()
        || concerns_buckets(registry, event, at, document);
    Some((touch, concerns))
}

/// Whether an event is in a series that a bucket counts.
fn concerns_buckets(
    registry: &Registry,
    event: &str,
    at: Instant,
    document: &impl EventRow,
) -> bool {
    let Some(number) = registry.events.number(event) else {
        return false;
    };
    let mut concerns = false;
    registry.streams.matching(number, at, document, |stream| {
        concerns |= !registry.streams.concerned(stream).is_empty();
    });
    concerns
}
