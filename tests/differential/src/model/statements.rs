//! What each statement does.

use super::queue::{Patch, differing};
use super::stay::Look;
use super::{Cause, Contact, Model, Quiet, Refused, Since, When};
use crate::history::{
    ContactChange, Correction, Definition, Evaluate, Event, Form, Properties, Statement, Which,
};
use hogsend_model::{Node, Occurrence, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a statement has to do with a user.
#[derive(Default)]
pub(super) struct Concern {
    /// Events of theirs that the statement brought, changed or took.
    pub events: Vec<Occurrence>,
    /// The same by their names and instants, where nobody knows any more what they said of themselves.
    pub obscure: Vec<(&'static str, i64)>,
    /// Events were changed or taken.
    pub corrected: bool,
    /// Properties that it really changed.
    pub properties: Vec<Changed>,
    /// There was no live contact before: every bucket looks.
    pub appeared: bool,
    /// Joins are not announced.
    pub silent: bool,
    /// Nothing is announced.
    pub muted: bool,
    /// Patches of the queue that were applied before, by their rows.
    pub overtaken: Vec<(u64, Properties)>,
}

/// A top-level property that has another value.
#[derive(Clone, Debug)]
pub struct Changed {
    pub name: String,
    /// The values before and after; None where nobody knows any more.
    pub values: Option<(Option<Value>, Option<Value>)>,
}

impl Changed {
    /// Whether it can make a difference to a bucket.
    pub fn concerns(&self, tree: &Node) -> bool {
        match &self.values {
            None => tree.asks_for(&self.name),
            Some((was, is)) => tree.tells_apart(&self.name, was.as_ref(), is.as_ref()),
        }
    }
}

pub(super) type Concerns = BTreeMap<String, Concern>;

impl Concern {
    pub fn is_about(&self, tree: &Node) -> bool {
        self.appeared
            || self.events.iter().any(|event| tree.concerns_event(event))
            || self.obscure.iter().any(|(event, _)| tree.names(event))
            || self.properties.iter().any(|changed| changed.concerns(tree))
    }

    /// What tells since when the truth has held that this statement made.
    pub fn since(&self, tree: &Node, now: i64) -> Since {
        let told = self
            .events
            .iter()
            .filter(|event| tree.concerns_event(event));
        let obscure = self.obscure.iter().filter(|(event, _)| tree.names(event));
        let instants = told.map(|event| event.at).chain(obscure.map(|(_, at)| *at));
        let latest = instants.map(|at| at.min(now)).max();
        let patched = self.properties.iter().any(|changed| changed.concerns(tree));
        match latest {
            // Which of the two it was is not said, nor what dates something that is no more.
            Some(_) if patched || self.corrected => Since::Unknown,
            Some(at) => Since::Event(at),
            None if tree.is_about_everybody() => Since::Now,
            None => Since::Unknown,
        }
    }
}

impl Model {
    /// Does what the statement says. Of one that must be refused, something may have been done.
    pub fn apply(&mut self, statement: &Statement) -> Result<(), Refused> {
        let earlier = (!self.jobs.is_empty()).then(|| Box::new(self.clone()));
        self.earlier = earlier;
        let result = self.perform(statement);
        self.earlier = None;
        result
    }

    fn perform(&mut self, statement: &Statement) -> Result<(), Refused> {
        match statement {
            Statement::Now(at) => self.now = *at,
            Statement::Reconcile => self.reconcile(),
            Statement::Evaluate(evaluate) => self.evaluate = *evaluate,
            Statement::Announce(on) => self.muted = !on,
            Statement::Insert { form, events } => {
                self.insert(events, *form == Form::Tolerant)?;
            }
            Statement::Ingest(event) => self.insert(std::slice::from_ref(event), true)?,
            Statement::Correct { which, change } => self.correct(which, change)?,
            Statement::Erase(which) => self.erase(which),
            Statement::Contact {
                user,
                properties,
                upsert,
            } => self.contact(user, properties, *upsert),
            Statement::Change { users, change } => self.change(users, change),
            Statement::DeleteContact(user) => {
                if self.contacts.remove(*user).is_some() {
                    self.bury(user);
                    self.queue.retain(|row| row.user != *user);
                }
            }
            Statement::TruncateContacts => {
                for (user, _) in std::mem::take(&mut self.contacts) {
                    self.bury(&user);
                }
                self.queue.clear();
            }
            Statement::Rename { from, to } => self.rename(from, to)?,
            Statement::Forget(user) => {
                self.contacts.remove(*user);
                self.queued.remove(*user);
                self.queue.retain(|row| row.user != *user);
                self.events.retain(|event| event.user != *user);
                let told = self.outbox.iter().any(|t| t.user == *user);
                if told || self.stays.keys().any(|(u, _)| u == user) {
                    *self.erased.entry((*user).into()).or_default() += 1;
                }
                self.stays.retain(|(u, _), _| u != user);
                self.outbox.retain(|transition| transition.user != *user);
            }
            Statement::Define { bucket, definition } => self.define(bucket, definition)?,
            Statement::Enable { bucket, enabled } => {
                self.work_off_before_definition();
                if let Some(definition) = self.buckets.get(*bucket) {
                    let definition = Definition {
                        enabled: *enabled,
                        ..definition.clone()
                    };
                    self.put(bucket, &definition);
                }
            }
            Statement::Drop(bucket) => self.drop(bucket)?,
            Statement::Manual {
                bucket,
                users,
                into,
                silent,
            } => self.manual(bucket, users, *into, *into && *silent)?,
            Statement::Truncate => self.truncate(),
            Statement::Background(on) => self.background = *on,
            Statement::Fill { bucket, contacts } => {
                if !self.buckets.contains_key(*bucket) {
                    return Err(Refused("42704"));
                }
                self.fill(bucket, *contacts);
            }
        }
        Ok(())
    }

    fn insert(&mut self, events: &[Event], tolerant: bool) -> Result<(), Refused> {
        let mut concerns = Concerns::new();
        let mut patches: Vec<&Event> = Vec::new();
        let stored = self.events.len();
        for event in events {
            let repeats = |other: &Event| {
                event.key.is_some() && other.user == event.user && other.key == event.key
            };
            if self.events.iter().any(repeats) {
                if tolerant {
                    continue;
                }
                self.events.truncate(stored);
                return Err(Refused("23505"));
            }
            self.last_id += 1;
            let stored = Event {
                id: event.id.or(Some(self.last_id)),
                ..event.clone()
            };
            let occurrence = stored.occurrence();
            self.events.push(stored);
            if is_reserved(event.event) {
                continue;
            }
            let concern = concerns.entry(event.user.into()).or_default();
            concern.events.push(occurrence);
            patches.push(event);
        }
        if self.evaluate == Evaluate::Later {
            let events = self.events[stored..].to_vec();
            self.leave_inserted(&events);
            return Ok(());
        }
        self.introduce(&mut concerns);
        // Who is made known may have been in the queue, and what is older comes before a patch.
        let has_patch = patches.iter().any(|event| Patch::of(event).is_some());
        let mut quiet = Concerns::new();
        for user in concerns.keys().cloned().collect::<Vec<_>>() {
            if has_patch || concerns[&user].appeared {
                let taken = self.take_patches(&user);
                self.overtake(&user, taken, &mut concerns, &mut quiet);
            }
        }
        for event in patches {
            let contact = self.contacts.get_mut(event.user).expect("a contact");
            let email = event.email.map(|e| e.trim().to_lowercase());
            if let Some(email) = email.filter(|e| !e.is_empty()) {
                contact.email = Some(email);
            }
        }
        let mut patched: BTreeMap<&str, Properties> = BTreeMap::new();
        for event in self.events[stored..]
            .iter()
            .filter(|e| !is_reserved(e.event))
        {
            let patch = event.patch.iter().flatten().cloned();
            patched.entry(event.user).or_default().extend(patch);
        }
        for (user, patch) in patched {
            let changed = self.merge(user, &patch);
            let concern = concerns.entry(user.into()).or_default();
            concern.properties.extend(changed);
        }
        self.look_at(&quiet);
        self.look_at(&concerns);
        Ok(())
    }

    /// Creates the contacts that are missing.
    pub(super) fn introduce(&mut self, concerns: &mut Concerns) {
        for (user, concern) in concerns {
            if !self.contacts.contains_key(user) {
                self.contacts.insert(user.clone(), Contact::default());
                concern.appeared = true;
            }
        }
    }

    /// Merges properties into a contact; returns which of them really changed.
    fn merge(&mut self, user: &str, patch: &Properties) -> Vec<Changed> {
        let contact = self.contacts.get_mut(user).expect("a contact");
        let before = contact.properties.clone();
        for (name, value) in patch {
            contact.properties.insert((*name).into(), value.clone());
        }
        differing(&before, &contact.properties)
    }

    fn correct(&mut self, which: &Which, change: &Correction) -> Result<(), Refused> {
        let mut after = self.events.clone();
        let mut concerns = Concerns::new();
        let mut present: BTreeSet<&str> = BTreeSet::new();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for event in after.iter_mut().filter(|event| is_meant(which, event)) {
            old.push(event.clone());
            note_correction(&mut concerns, event);
            match change {
                Correction::User(user) => event.user = user,
                Correction::Event(name) => event.event = name,
                Correction::At(at) => event.occurred_at = *at,
                Correction::Value(value) => {
                    event.document.get_or_insert_default().value = value.clone();
                }
                Correction::Source(source) => {
                    event.document.get_or_insert_default().source = *source;
                }
                Correction::Properties(properties) => {
                    event.document.get_or_insert_default().properties = properties.clone();
                }
            }
            new.push(event.clone());
            note_correction(&mut concerns, event);
            if !is_reserved(event.event) {
                present.insert(event.user);
            }
        }
        let keys: Vec<(&str, &str)> = after
            .iter()
            .filter_map(|e| Some((e.user, e.key?)))
            .collect();
        if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            return Err(Refused("23505"));
        }
        self.events = after;
        if self.evaluate == Evaluate::Later {
            self.leave_corrected(&old, &new);
            return Ok(());
        }
        // Who has lost an event is not made known by that.
        let mut unknown: Concerns = concerns
            .extract_if(.., |user, _| {
                present.contains(user.as_str()) && !self.contacts.contains_key(user)
            })
            .collect();
        self.introduce(&mut unknown);
        let created: Vec<String> = unknown.keys().cloned().collect();
        concerns.extend(unknown);
        let mut quiet = Concerns::new();
        for user in created {
            let taken = self.take_patches(&user);
            self.overtake(&user, taken, &mut concerns, &mut quiet);
        }
        self.look_at(&quiet);
        self.look_at(&concerns);
        Ok(())
    }

    fn erase(&mut self, which: &Which) {
        let mut concerns = Concerns::new();
        let mut gone = Vec::new();
        for event in self.events.extract_if(.., |event| is_meant(which, event)) {
            note_correction(&mut concerns, &event);
            gone.push(event);
        }
        if self.evaluate == Evaluate::Later {
            self.leave_corrected(&gone, &[]);
        }
        let gone = gone.iter().filter(|event| !is_reserved(event.event));
        self.forget_nobodies(&gone.map(|event| event.user).collect());
        if self.evaluate != Evaluate::Later {
            self.look_at(&concerns);
        }
    }

    fn contact(&mut self, user: &str, properties: &Properties, upsert: bool) {
        let mut concern = Concern::default();
        let was = self.contacts.get(user).cloned();
        if !self.contacts.contains_key(user) {
            self.contacts.insert(user.into(), Contact::default());
            self.merge(user, properties);
            concern.appeared = true;
        } else if upsert {
            concern.properties = self.merge(user, properties);
        } else {
            return;
        }
        let mut concerns = Concerns::from([(user.into(), concern)]);
        let mut quiet = Concerns::new();
        self.put_patches_under(user, &was.unwrap_or_default(), &mut concerns, &mut quiet);
        self.look_at(&quiet);
        self.look_at(&concerns);
    }

    fn change(&mut self, users: &[&'static str], change: &ContactChange) {
        let mut concerns = Concerns::new();
        let mut quiet = Concerns::new();
        for user in BTreeSet::from_iter(users) {
            let Some(contact) = self.contacts.get_mut(*user) else {
                continue;
            };
            let was = contact.clone();
            let concern = concerns.entry((*user).into()).or_default();
            match change {
                ContactChange::Set(properties) => concern.properties = self.merge(user, properties),
                ContactChange::Unset(name) => {
                    contact.properties.remove(*name);
                    concern.properties = differing(&was.properties, &contact.properties);
                }
                ContactChange::Email(email) => contact.email = Some((*email).into()),
                ContactChange::SoftDelete => {
                    contact.deleted = true;
                    self.bury(user);
                }
                ContactChange::Undelete => {
                    concern.appeared = contact.deleted;
                    concern.silent = contact.deleted;
                    contact.deleted = false;
                }
            }
            self.put_patches_under(user, &was, &mut concerns, &mut quiet);
        }
        self.look_at(&quiet);
        self.look_at(&concerns);
    }

    /// Patches that waited are older than what a statement wrote to the contact, which was another before.
    fn put_patches_under(
        &mut self,
        user: &str,
        was: &Contact,
        concerns: &mut Concerns,
        quiet: &mut Concerns,
    ) {
        let mut taken = self.take_patches(user);
        let is = &self.contacts[user];
        taken.iter_mut().for_each(|t| t.give_way(was, is));
        self.overtake(user, taken, concerns, quiet);
    }

    /// One user goes and another comes, who has the other's contact but their own events.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        let Some(contact) = self.contacts.get(from).cloned() else {
            return Ok(());
        };
        let (mut concerns, mut quiet) = (Concerns::new(), Concerns::new());
        if from == to {
            self.put_patches_under(from, &contact, &mut concerns, &mut quiet);
            self.look_at(&quiet);
            self.look_at(&concerns);
            return Ok(());
        }
        if self.contacts.contains_key(to) {
            return Err(Refused("23505"));
        }
        self.contacts.remove(from);
        self.bury(from);
        // What waits to be said of the contact goes with it, and what waits for the other name gives way to
        // what it is.
        let moved = self.take_patches(from);
        if !moved.is_empty() {
            self.seen.insert("patch of the queue renamed");
        }
        self.queue.retain(|row| row.user != from);
        let mut taken = self.take_patches(to);
        taken
            .iter_mut()
            .for_each(|t| t.give_way(&Contact::default(), &contact));
        taken.extend(moved);
        self.contacts.insert(to.into(), contact);
        let concern = Concern {
            appeared: true,
            ..Concern::default()
        };
        concerns.insert(to.into(), concern);
        self.overtake(to, taken, &mut concerns, &mut quiet);
        self.look_at(&quiet);
        self.look_at(&concerns);
        Ok(())
    }

    /// Ends the stays of a user who is deleted; nobody is told.
    fn bury(&mut self, user: &str) {
        self.queued.remove(user);
        let active = self
            .stays
            .iter()
            .filter(|(_, stays)| stays.iter().any(|s| s.is_active()));
        let pairs: Vec<_> = active.map(|(pair, _)| pair.clone()).collect();
        for pair in pairs.iter().filter(|(u, _)| u == user) {
            let now = When::At(self.now);
            self.end(pair, "deleted", None, now, true, None);
        }
    }

    /// Looks at the buckets that a statement concerns, or queues its users.
    pub(super) fn look_at(&mut self, concerns: &Concerns) {
        if self.evaluate == Evaluate::Later {
            return self.leave_contacts(concerns);
        }
        for (user, concern) in concerns {
            if !self.is_live(user) {
                continue;
            }
            let mut concerned = Vec::new();
            for id in self.enabled() {
                if let Some(tree) = &self.buckets[&id].criteria
                    && concern.is_about(tree)
                {
                    let since = concern.since(tree, self.now);
                    concerned.push((id, since));
                } else if let Some(tree) = &self.buckets[&id].criteria
                    && concern.events.iter().any(|event| tree.names(event.event))
                {
                    self.seen.insert("an event that its bucket does not count");
                }
            }
            if self.evaluate == Evaluate::Off {
                if !concerned.is_empty() {
                    let quiet: &mut Quiet = self.queued.entry(user.clone()).or_default();
                    quiet.silent |= concern.silent;
                    quiet.muted |= concern.muted || self.muted;
                }
                continue;
            }
            let plain = Look {
                cause: Cause::Data,
                silent: concern.silent,
                belonged: false,
                muted: concern.muted,
                held: false,
                source: Some("event"),
                since: Since::Unknown,
            };
            let looks = concerned.into_iter().map(|(bucket, since)| {
                let belonged = self.belonged_unnoticed(user, &bucket, concern);
                let look = Look {
                    belonged,
                    since,
                    ..plain
                };
                (bucket, look)
            });
            let looks = looks.collect();
            self.look_in_order(user, &looks, plain, None);
        }
    }
}

/// Events of hogsend's own: stored, otherwise ignored.
pub(super) fn is_reserved(event: &str) -> bool {
    event.starts_with("bucket:")
}

fn is_meant(which: &Which, event: &Event) -> bool {
    which.user.is_none_or(|user| event.user == user)
        && which.event.is_none_or(|name| event.event == name)
        && which.since.is_none_or(|at| event.occurred_at >= at)
}

fn note_correction(concerns: &mut Concerns, event: &Event) {
    if !is_reserved(event.event) {
        let concern = concerns.entry(event.user.into()).or_default();
        concern.events.push(event.occurrence());
        concern.corrected = true;
    }
}
