//! From "look at these users" to memberships, transitions and timers. Every writer goes this way.
//!
//! lock the users in order → read facts, stays and timers → truth and flip (pure) → decide (pure)
//! → write. The order of locks is I1 in doc/design.md; what is decided is decided in the core alone (I5),
//! from what was read under the locks (I4). A pass takes a constant number of statements however many users it has.

mod alone;
mod arrivals;
mod batch;
mod before;
mod beforehand;
mod cascade;
mod judge;
mod numbers;
mod pair;
pub mod patches;
pub mod run;
mod since;
mod stretch;
mod subject;
mod told_apart;
mod totals;
mod user_facts;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use hogsend_core::criteria::Path;

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::direct;
use crate::pg::settings;
use crate::pg::sql::Session;
use crate::registry::{EventNo, KeyNo, Registry};
use crate::store::aliases::Pair;
use crate::store::contacts::{self, Contact};
use crate::store::facts;
use crate::store::stays;

use alone::Alone;
pub use arrivals::Arrival;
pub use batch::Batch;
pub use beforehand::{Beforehand, Read, look as look_beforehand};
pub use cascade::InnerMove;
pub use judge::Judged;
pub use numbers::Numbers;
pub use run::Run;
pub use stretch::Visit;
pub use subject::{Subject, Unknown};
pub use user_facts::{Shared, load as load_facts};

/// Users handled by one pass: bounds memory, and keeps plans those of small sets.
pub const PASS: usize = 1000;

/// What a run did. Counts stays begun and ended, announced or not.
#[derive(Default, Clone, Copy, Debug)]
pub struct Tally {
    pub entered: i64,
    pub left: i64,
    pub dwelled: i64,
    pub rearmed: i64,
    /// Of those that were begun and ended so many are in buckets that nobody was looked at for, but that they moved
    /// in one that these name.
    pub followed: (i64, i64),
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.entered += other.entered;
        self.left += other.left;
        self.dwelled += other.dwelled;
        self.rearmed += other.rearmed;
        self.followed.0 += other.followed.0;
        self.followed.1 += other.followed.1;
    }

    /// The same without those who followed.
    pub fn of_asked(self) -> Tally {
        Tally {
            entered: self.entered - self.followed.0,
            left: self.left - self.followed.1,
            followed: (0, 0),
            ..self
        }
    }
}

/// A writer's connection with everything a pass needs.
pub struct Pipeline<'a> {
    pub session: &'a Session<'a>,
    pub registry: &'a Registry,
    /// Aliases met where a contact was to be made, whom nobody was looked at for.
    pub met: RefCell<Vec<Pair>>,
    /// What was read beforehand of the only user there is to look at.
    read: Cell<Option<Box<Read>>>,
    /// What was read for their buckets.
    loaded: Cell<Option<user_facts::Loaded>>,
    /// What series come to of which that was added up.
    to_keep: totals::ToKeep,
}

impl<'a> Pipeline<'a> {
    pub fn new(session: &'a Session<'a>, registry: &'a Registry) -> Pipeline<'a> {
        Pipeline {
            session,
            registry,
            met: RefCell::default(),
            read: Cell::new(None),
            loaded: Cell::new(None),
            to_keep: totals::ToKeep::default(),
        }
    }

    /// The same for whoever has read something of the only user beforehand.
    pub fn with_read(self, read: Option<Box<Read>>) -> Pipeline<'a> {
        self.read.set(read);
        self
    }

    /// Looks at users, in passes. `subjects` must be sorted by user, each user once.
    pub fn run(&self, subjects: &mut [Subject], run: Run, outbox: &mut Outbox) -> Tally {
        if subjects.len() <= PASS {
            return self.pass(subjects, run, outbox);
        }
        let mut tally = Tally::default();
        for chunk in subjects.chunks_mut(PASS) {
            pgrx::check_for_interrupts!();
            // A connection of its own, so that what a pass has read is freed with it.
            tally.add(self.session.nested(|session| {
                let part = Pipeline::new(session, self.registry);
                let tally = part.pass(chunk, run, outbox);
                self.met.borrow_mut().append(&mut part.met.take());
                tally
            }));
        }
        tally
    }

    fn pass(&self, subjects: &mut [Subject], run: Run, outbox: &mut Outbox) -> Tally {
        let (mut contacts, created, found) = match self.take_read(subjects) {
            Some((contacts, found)) => (contacts, Vec::new(), found),
            None => {
                let (contacts, created) = self.lock(subjects, run);
                (contacts, created, None)
            }
        };
        let mut earlier = Tally::default();
        if !created.is_empty()
            && let Some(mut quiet) = self.catch_up(&created, subjects)
        {
            let run = Run {
                creates_contacts: false,
                ..run
            };
            if !quiet.is_empty() {
                earlier = self.pass(&mut quiet, run, outbox);
            }
            contacts = self.lock(subjects, run).0;
        }
        self.bring_totals_in_line(subjects, &contacts, &created);
        let now = clock::now();
        let stored = match subjects {
            [subject] => match self.alone(subject, &contacts, found, run, now) {
                Alone::Nothing if subject.arrivals.is_none() => {
                    self.keep_totals();
                    return earlier;
                }
                Alone::Nothing => {
                    subject.buckets = Numbers::default();
                    vec![None]
                }
                Alone::Stored(stored) => vec![Some(stored)],
                Alone::Unknown => vec![None],
            },
            _ => self.together(subjects, &contacts, now),
        };
        self.expand(subjects);

        let is_live = |s: &&Subject| {
            contacts
                .get(&s.user)
                .is_some_and(|contact| !contact.deleted)
        };
        let with_stored = subjects.iter().zip(stored);
        let (live, stored) = with_stored
            .filter(|(s, _)| is_live(s))
            .unzip::<_, _, Vec<_>, Vec<_>>();
        let gone: Vec<&str> = subjects
            .iter()
            .filter(|s| !is_live(s))
            .map(|s| s.user.as_str())
            .collect();
        let judged = self.judge(&live, &contacts, stored, run, now);
        self.keep_totals();
        let mut batch = Batch::new(&self.registry.journeys, run.source, now);
        for judged in judged {
            batch.record(judged);
        }
        let is_mute = run.muted || !settings::announce();
        for subject in live.iter().filter(|subject| !is_mute && !subject.muted) {
            batch.arrive(&subject.user, subject.arrivals());
        }
        batch.farewell(self.session, &gone);
        earlier.add(batch.write(self.session, outbox));
        earlier
    }

    /// Looks at users who have just been made known, who stand in byte order and are locked.
    pub fn welcome(&self, subjects: &mut [Subject], run: Run, outbox: &mut Outbox) -> Tally {
        let created: Vec<String> = subjects.iter().map(|s| s.user.clone()).collect();
        let mut quiet = self.catch_up(&created, subjects).unwrap_or_default();
        let mut tally = self.run(&mut quiet, run, outbox);
        tally.add(self.run(subjects, run, outbox));
        tally
    }

    /// Who is made known here may have been in the queue before: their patches are older than what made
    /// them known. `None` where there are none; else those of whom it is not to be announced.
    fn catch_up(&self, created: &[String], subjects: &mut [Subject]) -> Option<Vec<Subject>> {
        if direct::is_empty(self.session, c"user_queue") {
            return None;
        }
        let users: Vec<&str> = created.iter().map(String::as_str).collect();
        patches::overtake(self.session, self.registry, &users, subjects)
    }

    /// Locks the subjects' contacts and reads them; also returns who was created. A contact that is created
    /// here has no properties yet, so it does not matter which of them were asked for.
    fn lock(&self, subjects: &mut [Subject], run: Run) -> (HashMap<String, Contact>, Vec<String>) {
        let keys: Vec<(KeyNo, &Path)> = if subjects.iter().any(|s| s.everything) {
            self.registry.properties.numbered()
        } else {
            let buckets = subjects.iter().flat_map(|s| s.buckets.iter());
            self.registry.keys_of(buckets.copied())
        };
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        if !run.creates_contacts {
            return (contacts::lock(self.session, &users, &keys), Vec::new());
        }
        let (contacts, made) = contacts::lock_or_create(self.session, &users, &keys);
        let created = made.created;
        self.met.borrow_mut().extend(made.aliases);
        for subject in subjects.iter_mut().filter(|s| created.contains(&s.user)) {
            subject.appears();
        }
        (contacts, created)
    }

    /// Replaces "everything" by the buckets that can possibly concern the user: those that name an
    /// event that the user ever did, as far as they count any of it, those about everybody, those the user is
    /// in, and those that name one of these.
    fn expand(&self, subjects: &mut [Subject]) {
        let users: Vec<&str> = subjects
            .iter()
            .filter(|s| s.everything)
            .map(|s| s.user.as_str())
            .collect();
        if users.is_empty() {
            return;
        }
        let events = self.registry.events.all();
        let mut found: HashMap<String, Numbers> = HashMap::new();
        let mut told_apart: Vec<(String, EventNo)> = Vec::new();
        facts::events_of(self.session, &users, &events, |user, event| {
            if let Some(number) = self.registry.events.number(event) {
                if told_apart::pays(self.registry, number) {
                    return told_apart.push((user.to_owned(), number));
                }
                let concerned = self.registry.events.concerned(number);
                match found.get_mut(user) {
                    Some(buckets) => buckets.extend(concerned),
                    None => found.entry(user.to_owned()).or_default().extend(concerned),
                }
            }
        });
        told_apart::add(self, told_apart, &mut found);
        for (user, bucket, _) in stays::active_of_users(self.session, &users) {
            let found = found.entry(user).or_default();
            found.extend(self.registry.by_id(&bucket));
            if let Some(named) = self.registry.named(&bucket) {
                found.extend(self.registry.dependants(named));
            }
        }
        for subject in subjects.iter_mut().filter(|s| s.everything) {
            subject.buckets.extend(
                found
                    .remove(&subject.user)
                    .unwrap_or_default()
                    .iter()
                    .copied(),
            );
            let about_everybody = &self.registry.about_everybody;
            subject.buckets.extend(about_everybody.iter().copied());
        }
    }
}
