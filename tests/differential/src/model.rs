//! A naive model of hogsend: everything is kept, everything is recomputed, and time is looked at
//! instant by instant. What criteria mean is said in tests/model. Written from what the README promises; nothing of the extension is used.
//!
//! What is not promised is left open: which instant dates what a correction, a changed definition or
//! a statement that was put off brings about (some instant up to the evaluation); the source of what
//! follows from a bucket's end, and of what a reconcile does about users to whom a job has yet to
//! come, because their timer may come first; and the order of what happens in one statement.

mod clock;
mod definitions;
mod jobs;
mod nesting;
mod queue;
mod statements;
mod stay;

use crate::history::{Definition, Evaluate, Event};
use crate::instant::START;
use hogsend_model::{Facts, Occurrence, Properties};
use queue::Queued;
use std::collections::{BTreeMap, BTreeSet};

/// All that there is.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: i64,
    /// `hogsend.evaluate`.
    pub evaluate: Evaluate,
    /// `hogsend.announce` is off.
    pub muted: bool,
    pub buckets: BTreeMap<String, Definition>,
    pub contacts: BTreeMap<String, Contact>,
    pub events: Vec<Event>,
    /// By user and bucket, the earliest first.
    pub stays: BTreeMap<(String, String), Vec<Stay>>,
    pub outbox: Vec<Transition>,
    /// How often users were erased who had left something to be told apart from.
    pub erased: BTreeMap<String, i64>,
    /// Users who wait for a reconcile because evaluation was off, and what is not to be said of them.
    queued: BTreeMap<String, Quiet>,
    /// What was left to the clock, first come first.
    queue: Vec<Queued>,
    /// The number of the last that was.
    last_row: u64,
    /// The id of the last event that got its own from the database.
    last_id: i64,
    /// How many dwells there were, announced or not.
    dwells: usize,
    /// The last stay that began or ended.
    last_move: Option<nesting::Move>,
    /// Nothing is said of what the look does that is under way.
    hushed: bool,
    /// What came about besides transitions and stays.
    seen: BTreeSet<&'static str>,
    /// How many stays reconciles have begun and ended, and how many dwells there were.
    pub done: [usize; 3],
    /// Jobs are left open.
    pub background: bool,
    /// The open jobs, by bucket.
    jobs: BTreeMap<String, Job>,
    /// The number of the last that was begun.
    last_job: u64,
    /// What there was before the statement that is under way.
    earlier: Option<Box<Model>>,
}

/// A bucket that is being filled or gone over again.
#[derive(Clone, Debug)]
struct Job {
    /// The place in the order in which they were begun.
    number: u64,
    cause: Cause,
    /// The bucket is new.
    first: bool,
    /// The last contact looked at.
    reached: Option<String>,
    /// The last of the queue that is older than the job.
    queued_until: Option<u64>,
    /// It was begun, or begun again, in silence, and tells nobody of anything.
    muted: bool,
}

/// What is not to be said of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Quiet {
    /// Anything.
    muted: bool,
    /// That they joined.
    silent: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Contact {
    pub email: Option<String>,
    pub properties: Properties,
    pub deleted: bool,
}

#[derive(Clone, Debug)]
pub struct Stay {
    pub entry_count: i64,
    pub entered_at: i64,
    pub left_at: Option<i64>,
    pub left_reason: Option<&'static str>,
    /// None where it is not said.
    pub source: Option<&'static str>,
    pub max_dwell_at: Option<i64>,
    pub dwell_anchor_at: Option<i64>,
    /// Whether it was announced that it began, and that it ended. `None` where that depends on an instant
    /// that is not determined.
    pub announced: Option<bool>,
    pub left_announced: Option<bool>,
    /// The highest ordinal of each dwell.
    fired: Vec<(String, i64)>,
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct Transition {
    pub user: String,
    pub bucket: String,
    pub transition: &'static str,
    pub entry_count: i64,
    pub reason: Option<&'static str>,
    /// None where it is not said.
    pub source: Option<&'static str>,
    pub dwell: Option<(String, i64)>,
    pub effective_at: When,
    /// Otherwise it may be missing.
    pub certain: bool,
    pub recorded_at: i64,
    /// How often the user had been erased before.
    pub erased: i64,
}

/// An instant, as far as it is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    At(i64),
    Between(i64, i64),
}

impl When {
    fn not_before(self, earliest: Option<i64>) -> When {
        let later = |at: i64| earliest.map_or(at, |earliest| earliest.max(at));
        match self {
            When::At(at) => When::At(later(at)),
            When::Between(low, high) => When::Between(later(low), high),
        }
    }

    pub fn admits(self, at: i64) -> bool {
        match self {
            When::At(wanted) => at == wanted,
            When::Between(low, high) => low <= at && at <= high,
        }
    }
}

/// What made somebody look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Data or criteria that are new.
    Data,
    Clock,
    /// Everybody is looked at again, though nothing is new.
    Review,
}

/// What tells since when a truth has held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Clock,
    /// An event that happened then.
    Event(i64),
    Now,
    Unknown,
}

/// What a look did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    Not,
    In,
    Out,
    Dwelt,
}

/// A statement that the server must refuse, by its SQLSTATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl Stay {
    pub fn is_active(&self) -> bool {
        self.left_at.is_none()
    }

    fn timed_out_at(&self) -> Option<i64> {
        match self.left_reason {
            Some("maxDwell") => self.max_dwell_at,
            _ => None,
        }
    }
}

impl Event {
    /// As criteria see it once it is stored.
    fn occurrence(&self) -> Occurrence {
        Occurrence {
            id: self.id.expect("an id"),
            document: self.document.clone().unwrap_or_default(),
            ..Occurrence::new(self.event, self.occurred_at)
        }
    }
}

impl Model {
    /// Before anything has happened.
    pub fn at_start() -> Model {
        Model {
            now: START,
            ..Model::default()
        }
    }

    /// What is stored of a user whose contact is live.
    pub fn facts(&self, user: &str) -> Facts {
        let of_user = self.events.iter().filter(|event| event.user == user);
        let occurrences = of_user.map(Event::occurrence);
        let properties = self.contacts[user].properties.clone();
        let mut facts = Facts::new(occurrences, Some(properties)).called(user);
        facts.memberships = self.memberships(user);
        facts
    }

    fn is_live(&self, user: &str) -> bool {
        self.contacts
            .get(user)
            .is_some_and(|contact| !contact.deleted)
    }

    fn live_users(&self) -> Vec<String> {
        let users = self.contacts.keys().filter(|user| self.is_live(user));
        users.cloned().collect()
    }

    fn enabled(&self) -> Vec<String> {
        let enabled = self.buckets.iter().filter(|(_, bucket)| bucket.enabled);
        enabled.map(|(id, _)| id.clone()).collect()
    }

    /// Of each transition and stay what kind it is.
    pub fn kinds(&self) -> Vec<String> {
        let transitions = self.outbox.iter().map(|t| {
            let what = t.reason.unwrap_or(t.transition);
            format!("{what} by {}", t.source.unwrap_or("somebody"))
        });
        let stays = self.stays.values().flatten().map(|stay| {
            let anchored = if stay.dwell_anchor_at.is_some() {
                ", anchored"
            } else {
                ""
            };
            let reason = stay.left_reason.unwrap_or("active");
            let source = stay.source.unwrap_or("somebody");
            format!("{reason}, begun by {source}{anchored}")
        });
        let quiet = self.stays.values().flatten().flat_map(|stay| {
            let source = stay.source.unwrap_or("somebody");
            let begun =
                (stay.announced == Some(false)).then(|| format!("begun by {source}, unannounced"));
            let reason = stay
                .left_reason
                .filter(|_| stay.left_announced == Some(false));
            let left = reason.map(|reason| format!("{reason}, unannounced"));
            begun.into_iter().chain(left)
        });
        let seen = self.seen.iter().map(|kind| (*kind).to_owned());
        transitions.chain(stays).chain(quiet).chain(seen).collect()
    }

    /// The same if the clock does meanwhile what there is to be done in the buckets that it names.
    pub fn will_match(&self, bucket: &str, user: &str, at: i64) -> bool {
        let criteria = self.buckets[bucket].criteria.as_ref();
        if nesting::named(criteria).is_empty() {
            return self.matches(bucket, user, at);
        }
        let mut later = Model {
            queued: BTreeMap::new(),
            queue: Vec::new(),
            ..self.clone()
        };
        later.run();
        while let Some(next) = later.next_change(user).filter(|next| *next <= at) {
            later.now = next;
            later.run();
        }
        later.matches(bucket, user, at)
    }

    /// The next instant at which the clock may do something about a user.
    fn next_change(&self, user: &str) -> Option<i64> {
        if !self.is_live(user) {
            return None;
        }
        let facts = self.facts(user);
        let mut instants: Vec<i64> = Vec::new();
        for (id, definition) in &self.buckets {
            let criteria = definition.criteria.iter();
            instants.extend(criteria.flat_map(|tree| tree.changes(&facts)));
            if let Some(stay) = self
                .stays
                .get(&(user.to_owned(), id.clone()))
                .and_then(|s| s.last())
            {
                instants.extend(stay.max_dwell_at);
                instants.extend(definition.min_dwell.map(|span| stay.entered_at + span));
            }
        }
        instants.into_iter().filter(|at| *at > self.now).min()
    }

    /// Whether a user matches a bucket's criteria at an instant, whatever is stored.
    pub fn matches(&self, bucket: &str, user: &str, at: i64) -> bool {
        let criteria = self.buckets[bucket].criteria.as_ref();
        self.is_live(user) && criteria.is_some_and(|tree| tree.truth(&self.facts(user), at))
    }

    /// Who matches each bucket now: bucket and user.
    pub fn matching(&self) -> BTreeSet<(String, String)> {
        let mut matching = BTreeSet::new();
        for bucket in self.buckets.keys() {
            for user in self.live_users() {
                if self.matches(bucket, &user, self.now) {
                    matching.insert((bucket.clone(), user));
                }
            }
        }
        matching
    }
}
