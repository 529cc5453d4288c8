//! The naive model: buckets in a few lines, and a diary a user and journey.

mod buckets;
mod clock;
mod runs;

use super::history::{Change, Definition, Event, Statement, Step};
use super::{FRESH_EVENT, HAND};
use crate::history::Evaluate;
use crate::instant::START;
use buckets::Stays;
use runs::Runs;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: i64,
    evaluate: Evaluate,
    is_muted: bool,
    pub journeys: BTreeMap<&'static str, Journey>,
    /// Who is known, and whether they are deleted.
    contacts: BTreeMap<&'static str, bool>,
    /// When each did what the bucket counts.
    fresh_events: BTreeMap<&'static str, Vec<i64>>,
    /// By user and bucket.
    stays: BTreeMap<(&'static str, &'static str), Stays>,
    queue: Vec<Queued>,
    /// Who waits for the clock because nothing was evaluated, and whether nothing is to be said of them.
    unseen: BTreeMap<&'static str, bool>,
    /// By user and journey.
    pub runs: BTreeMap<(&'static str, &'static str), Runs>,
    pub outbox: Vec<Row>,
    /// What calls returned.
    pub answers: Vec<bool>,
    aliases: BTreeMap<&'static str, &'static str>,
    /// How many runs have begun.
    begun: u64,
    /// What came about.
    pub seen: BTreeSet<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Journey {
    pub definition: Definition,
    /// What its runs have waited for.
    awaited: BTreeSet<&'static str>,
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct Row {
    pub user: &'static str,
    pub journey: &'static str,
    pub entry_count: i64,
    pub step: i64,
    pub transition: &'static str,
    pub reason: Option<String>,
    pub source: &'static str,
    pub label: Option<String>,
    pub timed_out: Option<bool>,
    /// `None`: that is not said here.
    pub effective_at: Option<i64>,
    pub recorded_at: i64,
    /// Which event it was, or of which stay the transition.
    pub by: Option<String>,
}

/// An event that waits for the clock.
#[derive(Clone, Debug)]
struct Queued {
    event: Event,
    arrived_at: i64,
    is_muted: bool,
    /// Some journey or bucket had to do with it when it came, or nobody knew the user.
    is_kept: bool,
}

/// Something that happened to a user.
#[derive(Clone, Debug)]
struct Happened {
    name: String,
    effective_at: Option<i64>,
    /// When it came, where it waited since.
    put_by_at: Option<i64>,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Event(Event),
    /// Of the stay with this number.
    Transition(i64),
}

impl Model {
    pub fn at_start() -> Model {
        Model {
            now: START,
            ..Model::default()
        }
    }

    /// Does one step.
    pub fn advance(&mut self, step: &Step) {
        match step {
            Step::Alone(statement) => self.apply(statement),
            Step::Transaction { statements, commit } => {
                let before = self.clone();
                for (statement, is_undone) in statements {
                    let before = self.clone();
                    self.apply(statement);
                    if *is_undone {
                        *self = before;
                    }
                }
                if !commit {
                    *self = before;
                }
            }
        }
    }

    fn apply(&mut self, statement: &Statement) {
        match statement {
            Statement::Now(at) => self.now = *at,
            Statement::Reconcile => self.reconcile(),
            Statement::Evaluate(evaluate) => self.evaluate = *evaluate,
            Statement::Silently(statement) => {
                self.is_muted = true;
                self.apply(statement);
                self.is_muted = false;
            }
            Statement::Insert(events) => self.insert(events),
            Statement::Manual { users, into } => self.manual(users, *into),
            Statement::Define {
                journey,
                definition,
            } => self.define(journey, definition),
            Statement::Enable { journey, enabled } => {
                if let Some(journey) = self.journeys.get_mut(journey) {
                    journey.definition.enabled = *enabled;
                }
            }
            Statement::Drop(journey) => self.drop(journey),
            Statement::Truncate => {
                for journey in self.journeys.keys().copied().collect::<Vec<_>>() {
                    self.drop(journey);
                }
            }
            Statement::Say(said) => self.say(said),
            Statement::Contact { user, change } => self.contact(user, *change),
            Statement::TruncateContacts => {
                for user in self.contacts.keys().copied().collect::<Vec<_>>() {
                    self.contact(user, Change::Delete);
                }
                self.queue.clear();
            }
            Statement::Forget(user) => self.forget(user),
            Statement::Identify { alias, user } => self.identify(alias, user),
        }
    }

    fn is_named(&self, name: &str) -> bool {
        let mut journeys = self.journeys.values();
        journeys.any(|journey| journey.names(name))
    }

    fn insert(&mut self, events: &[Event]) {
        let mut users: Vec<&'static str> = Vec::new();
        let mut named: Vec<Event> = Vec::new();
        for event in events {
            let user = self.who(event.user);
            if event.name == FRESH_EVENT {
                self.fresh_events.entry(user).or_default().push(event.at);
            }
            if !users.contains(&user) {
                users.push(user);
            }
            named.push(Event {
                user,
                ..event.clone()
            });
        }
        if self.evaluate == Evaluate::Later {
            for event in named {
                let is_known = self.contacts.contains_key(event.user);
                let concerns = self.is_named(event.name) || event.name == FRESH_EVENT;
                self.queue.push(Queued {
                    arrived_at: self.now,
                    is_muted: self.is_muted,
                    is_kept: concerns || !is_known,
                    event,
                });
            }
            return;
        }
        users.sort_unstable();
        for user in users {
            let is_new = self.meet(user);
            if self.evaluate == Evaluate::Off {
                let mut events = named.iter().filter(|event| event.user == user);
                if is_new || events.any(|event| event.name == FRESH_EVENT) {
                    self.leave(user);
                }
                continue;
            }
            let events = named.iter().filter(|event| event.user == user);
            let events: Vec<(Event, Option<i64>)> = events.map(|e| (e.clone(), None)).collect();
            self.arrive(user, &events, is_new, self.is_muted);
        }
    }

    /// Makes a user known; says whether nobody knew them.
    fn meet(&mut self, user: &'static str) -> bool {
        let is_new = !self.contacts.contains_key(user);
        self.contacts.entry(user).or_default();
        is_new
    }

    /// Events of a user are evaluated, each with the time at which it was put by. Of who is new everything is.
    fn arrive(
        &mut self,
        user: &'static str,
        events: &[(Event, Option<i64>)],
        is_new: bool,
        is_muted: bool,
    ) {
        if self.contacts[user] {
            return;
        }
        let mut happened: Vec<Happened> = Vec::new();
        for (event, put_by_at) in events {
            happened.push(Happened {
                name: event.name.into(),
                effective_at: Some(event.at.min(self.now)),
                put_by_at: *put_by_at,
                what: What::Event(event.clone()),
            });
        }
        let fresh: Vec<i64> = events
            .iter()
            .filter(|(event, _)| event.name == FRESH_EVENT)
            .map(|(event, _)| event.at)
            .collect();
        if is_new || !fresh.is_empty() {
            happened.extend(self.look_at_fresh(user, &fresh));
        }
        if !is_muted {
            self.happen(user, &happened, "event");
        }
    }

    fn manual(&mut self, users: &[&'static str], into: bool) {
        let users: BTreeSet<&'static str> = users.iter().copied().collect();
        for user in users {
            if into && self.meet(user) {
                self.arrive(user, &[], true, self.is_muted);
            }
            if self.contacts.get(user) != Some(&false) {
                continue;
            }
            let moved = self.move_by_hand(user, into);
            if !self.is_muted {
                self.happen(user, moved.as_slice(), "manual");
            }
        }
    }

    fn define(&mut self, id: &'static str, definition: &Definition) {
        if self
            .journeys
            .get(id)
            .is_some_and(|j| j.definition == *definition)
        {
            return;
        }
        // What waits for the clock happened before.
        self.work_off();
        let awaited = self.journeys.remove(id).map(|journey| journey.awaited);
        self.journeys.insert(
            id,
            Journey {
                definition: definition.clone(),
                awaited: awaited.unwrap_or_default(),
            },
        );
    }

    fn contact(&mut self, user: &'static str, change: Change) {
        if matches!(change, Change::Undelete | Change::Rename(_)) {
            self.evaluate = Evaluate::On;
        }
        let Some(is_deleted) = self.contacts.get(user).copied() else {
            return;
        };
        match change {
            Change::SoftDelete => {
                self.contacts.insert(user, true);
                self.bury(user);
            }
            Change::Undelete => {
                self.contacts.insert(user, false);
                if is_deleted {
                    // It is looked at again, and nobody is told.
                    self.look_at_fresh(user, &[]);
                }
            }
            Change::Delete => {
                self.contacts.remove(user);
                // What they did before waits for nobody.
                self.queue.retain(|row| row.event.user != user);
                self.bury(user);
            }
            Change::Rename(to) => {
                if self.contacts.contains_key(to) {
                    return;
                }
                self.contact(user, Change::Delete);
                self.contacts.insert(to, is_deleted);
                self.seen.insert("renamed");
                self.arrive(to, &[], true, self.is_muted);
            }
        }
    }

    /// The stays and runs of a user end without a word.
    fn bury(&mut self, user: &str) {
        self.unseen.remove(user);
        self.end_stays(user);
        self.end_runs(user);
    }

    fn forget(&mut self, user: &'static str) {
        self.contacts.remove(user);
        self.fresh_events.remove(user);
        self.unseen.remove(user);
        self.queue.retain(|row| row.event.user != user);
        self.stays.retain(|(of, _), _| *of != user);
        self.runs.retain(|(of, _), _| *of != user);
        self.outbox.retain(|row| row.user != user);
    }

    /// Who it is that goes by a name.
    fn who(&self, name: &'static str) -> &'static str {
        self.aliases.get(name).copied().unwrap_or(name)
    }

    /// Whether anybody is by hand in the bucket.
    pub fn is_in_hand(&self, user: &'static str) -> bool {
        let stays = self.stays.get(&(user, HAND));
        stays.is_some_and(Stays::is_in)
    }
}

impl Journey {
    /// Whether it has to do with what is called so.
    fn names(&self, name: &str) -> bool {
        let Definition { starts, exits, .. } = &self.definition;
        let mut named = starts.iter().chain(exits).chain(&self.awaited);
        named.any(|named| *named == name)
    }
}
