//! What is left to the clock under `hogsend.evaluate = later`: everything waits in the order in which it came,
//! patches included, until somebody works it off. Nobody becomes known by it before.

use super::statements::{Changed, Concern, Concerns, is_reserved};
use super::stay::Look;
use super::{Cause, Contact, Model, Quiet, Since};
use crate::history::{Event, Properties};
use hogsend_model::{Node, Occurrence, Value, facts};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct Queued {
    pub number: u64,
    pub user: String,
    what: What,
    patch: Option<Patch>,
    quiet: Quiet,
}

#[derive(Clone, Debug)]
enum What {
    /// An event.
    Inserted(Kept),
    /// What it says after a correction.
    Updated(Kept),
    /// What it said before, or when it was deleted.
    Deleted(Kept),
    Property(String),
    Contact,
}

/// What is kept of an event: not what it says of itself.
#[derive(Clone, Copy, Debug)]
struct Kept {
    id: i64,
    name: &'static str,
    at: i64,
}

impl Kept {
    fn of(event: &Event) -> Kept {
        Kept {
            id: event.id.expect("an id"),
            name: event.event,
            at: event.occurred_at,
        }
    }
}

/// What an event says of the contact.
#[derive(Clone, Debug)]
pub struct Patch {
    email: Option<&'static str>,
    properties: Properties,
}

impl Patch {
    pub fn of(event: &Event) -> Option<Patch> {
        let is_there = event.email.is_some() || event.patch.is_some();
        is_there.then(|| Patch {
            email: event.email,
            properties: event.patch.clone().unwrap_or_default(),
        })
    }
}

/// A patch that was taken from the queue, and its row.
pub struct Taken {
    number: u64,
    quiet: Quiet,
    patch: Patch,
}

impl Model {
    fn leave(&mut self, user: &str, what: What, patch: Option<Patch>, quiet: Quiet) {
        self.last_row += 1;
        self.queue.push(Queued {
            number: self.last_row,
            user: user.into(),
            what,
            patch,
            quiet,
        });
    }

    fn trees(&self) -> impl Iterator<Item = &Node> {
        let enabled = self.buckets.values().filter(|bucket| bucket.enabled);
        enabled.filter_map(|bucket| bucket.criteria.as_ref())
    }

    fn is_referenced(&self, event: &Event) -> bool {
        let occurrence = event.occurrence();
        self.trees().any(|tree| tree.concerns_event(&occurrence))
    }

    /// An event that the queue tells of, as far as that is known: what it says of itself is not kept there,
    /// and to be found only while it is stored as what it was. None where some bucket asks for that, and it
    /// cannot be found.
    fn known(&self, user: &str, what: &What) -> Option<Occurrence> {
        let (kept, is_gone) = match what {
            What::Inserted(kept) | What::Updated(kept) => (kept, false),
            What::Deleted(kept) => (kept, true),
            What::Property(_) | What::Contact => return None,
        };
        if !self.trees().any(|tree| tree.asks_of(kept.name)) {
            return Some(Occurrence {
                id: kept.id,
                ..Occurrence::new(kept.name, kept.at)
            });
        }
        let is_it = |event: &&Event| {
            event.user == user
                && event.id == Some(kept.id)
                && event.event == kept.name
                && event.occurred_at == kept.at
        };
        let found = self.events.iter().find(is_it);
        found.filter(|_| !is_gone).map(Event::occurrence)
    }

    /// Leaves events to the clock: those that buckets reference, those that say something of the contact,
    /// and one of each user of whom there would be nothing otherwise and who is not known.
    pub(super) fn leave_inserted(&mut self, events: &[Event]) {
        let events: Vec<&Event> = events.iter().filter(|e| !is_reserved(e.event)).collect();
        let mut strangers: BTreeSet<&str> = events.iter().map(|e| e.user).collect();
        strangers.retain(|user| !self.contacts.contains_key(*user));
        for event in events.iter().filter(|e| self.is_referenced(e)) {
            strangers.remove(event.user);
        }
        for event in events {
            let patch = Patch::of(event);
            let concerns = patch.is_some() || self.is_referenced(event);
            if concerns || strangers.remove(event.user) {
                let what = What::Inserted(Kept::of(event));
                self.leave(event.user, what, patch, self.quiet());
            }
        }
    }

    /// The same for corrections: what they said, and what they say.
    pub(super) fn leave_corrected(&mut self, before: &[Event], after: &[Event]) {
        for event in before {
            // To lose an event makes nobody known.
            if self.contacts.contains_key(event.user) && self.is_referenced(event) {
                let what = What::Deleted(Kept::of(event));
                self.leave(event.user, what, None, self.quiet());
            }
        }
        let mut strangers: BTreeSet<&str> = after.iter().map(|e| e.user).collect();
        strangers.retain(|user| !self.contacts.contains_key(*user));
        for event in after.iter().filter(|e| !is_reserved(e.event)) {
            if self.is_referenced(event) || strangers.remove(event.user) {
                let what = What::Updated(Kept::of(event));
                self.leave(event.user, what, None, self.quiet());
            }
        }
    }

    /// And for contacts: the clock is to look at everything, or at what asks for a property.
    pub(super) fn leave_contacts(&mut self, concerns: &Concerns) {
        for (user, concern) in concerns {
            let quiet = Quiet {
                muted: concern.muted || self.muted,
                silent: concern.silent,
            };
            if concern.appeared {
                self.leave(user, What::Contact, None, quiet);
                continue;
            }
            for property in &concern.properties {
                if self.trees().any(|tree| property.concerns(tree)) {
                    self.leave(user, What::Property(property.name.clone()), None, quiet);
                }
            }
        }
    }

    fn quiet(&self) -> Quiet {
        Quiet {
            muted: self.muted,
            silent: false,
        }
    }

    /// Who has neither a contact nor an event any more is nobody.
    pub(super) fn forget_nobodies(&mut self, users: &BTreeSet<&str>) {
        let (contacts, events) = (&self.contacts, &self.events);
        let is_somebody = |user: &str| {
            let mut events = events.iter().filter(|e| !is_reserved(e.event));
            contacts.contains_key(user) || events.any(|e| e.user == user)
        };
        let before = self.queue.len();
        self.queue
            .retain(|row| !users.contains(row.user.as_str()) || is_somebody(&row.user));
        if self.queue.len() < before {
            self.seen.insert("nobody left in the queue");
        }
    }

    /// Takes a user's patches out of the queue, and leaves the rest.
    pub(super) fn take_patches(&mut self, user: &str) -> Vec<Taken> {
        let rows = self.queue.iter_mut().filter(|row| row.user == user);
        let taken = rows.filter_map(|row| {
            Some(Taken {
                number: row.number,
                quiet: row.quiet,
                patch: row.patch.take()?,
            })
        });
        taken.collect()
    }

    /// Applies patches that waited, before what is newer. Which properties change by it is part of what is
    /// to be looked at; of `quiet` if nothing was to be said of any of them.
    pub(super) fn overtake(
        &mut self,
        user: &str,
        taken: Vec<Taken>,
        loud: &mut Concerns,
        quiet: &mut Concerns,
    ) {
        if taken.is_empty() {
            return;
        }
        self.seen.insert("patch of the queue overtaken");
        let hush = all_quiet(taken.iter().map(|t| t.quiet));
        let changed = self.apply_patches(user, &taken);
        let group = if hush == Quiet::default() {
            loud
        } else {
            quiet
        };
        let concern = group.entry(user.into()).or_default();
        concern.silent |= hush.silent;
        concern.muted |= hush.muted;
        concern.properties.extend(changed);
        let rows = taken.into_iter().map(|t| (t.number, t.patch.properties));
        concern.overtaken.extend(rows);
    }

    /// Returns which properties really changed. What is older than a job, and what is not, are two things.
    fn apply_patches(&mut self, user: &str, taken: &[Taken]) -> Vec<Changed> {
        let marks: BTreeSet<u64> = self
            .jobs
            .values()
            .filter_map(|job| job.queued_until)
            .collect();
        let age = |t: &Taken| marks.range(..t.number).count();
        let mut changed = Vec::new();
        for part in taken.chunk_by(|a, b| age(a) == age(b)) {
            let contact = self.contacts.get_mut(user).expect("a contact");
            let before = contact.properties.clone();
            for Taken { patch, .. } in part {
                contact.patch(patch);
            }
            changed.extend(differing(&before, &contact.properties));
        }
        changed
    }

    /// Works off the users of the first rows, each with all their rows.
    pub(super) fn work_off(&mut self, rows: usize, by: &'static str) {
        let first = self.queue.iter().take(rows);
        let users: BTreeSet<String> = first.map(|row| row.user.clone()).collect();
        for user in users {
            self.seen.insert(by);
            let rows: Vec<Queued> = self.queue.extract_if(.., |row| row.user == user).collect();
            self.work_off_user(&user, rows);
        }
    }

    fn work_off_user(&mut self, user: &str, rows: Vec<Queued>) {
        let is_new = !self.contacts.contains_key(user);
        if is_new {
            let makes_known =
                |row: &Queued| matches!(row.what, What::Inserted(..) | What::Updated(..));
            if !rows.iter().any(makes_known) {
                return;
            }
            self.contacts.insert(user.into(), Contact::default());
        }
        let taken: Vec<Taken> = rows
            .iter()
            .filter_map(|row| {
                Some(Taken {
                    number: row.number,
                    quiet: row.quiet,
                    patch: row.patch.clone()?,
                })
            })
            .collect();
        let was = self.contacts[user].properties.clone();
        let changed = self.apply_patches(user, &taken);
        // Those come first of whom least is said.
        let mut groups: BTreeMap<Reverse<Quiet>, Concern> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let concern = groups.entry(Reverse(row.quiet)).or_default();
            concern.appeared |= is_new && place == 0;
            match &row.what {
                What::Inserted(kept) | What::Updated(kept) | What::Deleted(kept) => {
                    match self.known(user, &row.what) {
                        Some(occurrence) => concern.events.push(occurrence),
                        None => {
                            self.seen.insert("nobody can tell what it was");
                            concern.obscure.push((kept.name, kept.at));
                        }
                    }
                    concern.corrected |= !matches!(row.what, What::Inserted(_));
                }
                What::Property(name) => {
                    concern.properties.push(Changed {
                        name: name.clone(),
                        values: None,
                    });
                }
                What::Contact => concern.appeared = true,
            }
        }
        if !changed.is_empty() {
            let quiet = all_quiet(taken.iter().map(|t| t.quiet));
            let concern = groups.entry(Reverse(quiet)).or_default();
            concern.properties.extend(changed.iter().cloned());
        }
        // Whatever else is told of them: they were no sooner there.
        let known_by = rows.first().filter(|_| is_new).map(|row| row.number);
        for (Reverse(quiet), concern) in groups {
            let told: Vec<&Queued> = rows.iter().filter(|row| row.quiet == quiet).collect();
            let patches: &[Taken] = match all_quiet(taken.iter().map(|t| t.quiet)) {
                of_patches if of_patches == quiet => &taken,
                _ => &[],
            };
            let plain = Look {
                cause: Cause::Data,
                silent: quiet.silent,
                belonged: false,
                muted: quiet.muted,
                held: false,
                source: Some("event"),
                since: Since::Unknown,
            };
            let mut looks = BTreeMap::new();
            for bucket in self.enabled() {
                let Some(tree) = self.buckets[&bucket].criteria.clone() else {
                    continue;
                };
                if !self.is_live(user) || !concern.is_about(&tree) {
                    continue;
                }
                let look = Look {
                    belonged: self.belonged_before(user, &bucket, &told, known_by, (&was, patches)),
                    since: concern.since(&tree, self.now),
                    ..plain
                };
                looks.insert(bucket, look);
            }
            if self.is_live(user) {
                self.look_in_order(user, &looks, plain, None);
            }
        }
    }

    /// Whether the job of the bucket has yet to come to the user, who belonged to it before what is told of
    /// them since it was begun; nobody knows what a contact was before it was changed by itself.
    fn belonged_before(
        &self,
        user: &str,
        bucket: &str,
        told: &[&Queued],
        known_by: Option<u64>,
        (was, patches): (&facts::Properties, &[Taken]),
    ) -> bool {
        let Some(tree) = &self.buckets[bucket].criteria else {
            return false;
        };
        if !self.is_ahead(user, bucket) {
            return false;
        }
        if told.iter().any(|row| self.known(user, &row.what).is_none()) {
            return self.matches(bucket, user, self.now);
        }
        let until = self.jobs[bucket].queued_until.unwrap_or(0);
        if known_by.is_some_and(|row| row > until) {
            return false;
        }
        let mut facts = self.facts(user);
        let since = || told.iter().filter(|row| row.number > until);
        for row in since() {
            if let What::Deleted(_) = row.what {
                facts.add(self.known(user, &row.what).expect("an event"));
            }
        }
        for row in since() {
            if let What::Inserted(kept) | What::Updated(kept) = row.what {
                let is_it = |o: &&Occurrence| o.at == kept.at && o.id == kept.id;
                if let Some(occurrence) = facts.of(kept.name).iter().find(is_it).cloned() {
                    facts.remove(&occurrence);
                }
            }
        }
        if !patches.is_empty() {
            let mut properties = was.clone();
            let older = patches.iter().filter(|t| t.number <= until);
            for (name, value) in older.flat_map(|t| &t.patch.properties) {
                properties.insert((*name).into(), value.clone());
            }
            facts.properties = Some(properties);
        }
        tree.truth(&facts, self.now)
    }
}

impl Contact {
    fn patch(&mut self, patch: &Patch) {
        let email = patch.email.map(|e| e.trim().to_lowercase());
        if let Some(email) = email.filter(|e| !e.is_empty()) {
            self.email = Some(email);
        }
        for (name, value) in &patch.properties {
            self.properties.insert((*name).into(), value.clone());
        }
    }
}

impl Taken {
    /// Leaves out what a statement wrote to the contact since.
    pub fn give_way(&mut self, was: &Contact, is: &Contact) {
        if was.email != is.email {
            self.patch.email = None;
        }
        let text = |contact: &Contact, name: &str| contact.properties.get(name).map(Value::json);
        let properties = &mut self.patch.properties;
        properties.retain(|(name, _)| text(was, name) == text(is, name));
    }
}

/// Of what several say of a user nothing is said only where that is to be so of all of them.
fn all_quiet(quiet: impl Iterator<Item = Quiet>) -> Quiet {
    let both = |a: Quiet, b: Quiet| Quiet {
        muted: a.muted && b.muted,
        silent: a.silent && b.silent,
    };
    quiet.reduce(both).unwrap_or_default()
}

/// Which properties differ.
pub fn differing(a: &facts::Properties, b: &facts::Properties) -> Vec<Changed> {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let names = names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name));
    names
        .map(|name| Changed {
            name: name.clone(),
            values: Some((a.get(name).cloned(), b.get(name).cloned())),
        })
        .collect()
}
