//! Events that come in under an id that is somebody's other id: they are stored as that user's, in the
//! same statement.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use pgrx::prelude::*;

use super::Ingest;
use super::by_hand::place_of_user;
use super::contacts::{COLUMNS as CONTACT, DELETED_AT, EMAIL, PROPERTIES, USER_ID};
use super::touched::Touched;
use crate::pg::direct;
use crate::pg::error::Refusal;
use crate::pg::fit::Column;
use crate::pg::sql::json_text;
use crate::pg::trigger::{Operation, Side};
use crate::pipeline::{PASS, Subject};
use crate::store::aliases::{self, Fate, Pair};
use crate::store::contacts as store;

/// Which ids of a statement are aliases, and what became of its events.
#[derive(Default)]
pub(super) struct Renamed {
    /// By the name that the statement gave them.
    users: HashMap<String, String>,
    /// Events that the user had already, and those that could not be made the user's.
    left_out: HashSet<i64>,
}

impl Renamed {
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Whose an event is.
    pub fn user_of<'n>(&'n self, name: &'n str) -> &'n str {
        self.users.get(name).map_or(name, String::as_str)
    }

    pub fn leaves_out(&self, event: i64) -> bool {
        self.left_out.contains(&event)
    }

    /// The names and users, and the events that are left out.
    pub fn as_arrays(&self) -> (Vec<&str>, Vec<&str>, Vec<i64>) {
        let (names, users) = self
            .users
            .iter()
            .map(|(n, u)| (n.as_str(), u.as_str()))
            .unzip();
        (names, users, self.left_out.iter().copied().collect())
    }

    fn add(&mut self, met: Vec<Pair>) {
        let new: HashMap<&str, &str> = met.iter().map(|(a, u)| (a.as_str(), u.as_str())).collect();
        for user in self.users.values_mut() {
            if let Some(other) = new.get(user.as_str()) {
                *user = (*other).to_owned();
            }
        }
        self.users.extend(met);
    }
}

thread_local! {
    /// Only the difference between two looks says anything.
    static DROPPED: Cell<i64> = const { Cell::new(0) };
}

/// How many events of aliases this session has dropped, because the users had them already: an INSERT counts
/// those it stored, whatever became of them.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_dropped_events() -> i64 {
    DROPPED.get()
}

static COLUMNS: [Column; 2] = [Column::user(c"user_id"), Column::bigint(c"id").optional()];
const ID: usize = 1;

impl Ingest<'_> {
    /// Makes the statement's events of those aliases the events of the users whose they are, and reads anew
    /// what it did.
    pub(super) fn rename(&self, renamed: &mut Renamed, met: Vec<Pair>) -> Vec<Subject> {
        let places: HashMap<&str, usize> = met
            .iter()
            .enumerate()
            .map(|(place, (alias, _))| (alias.as_str(), place))
            .collect();
        let mut events: Vec<(i64, usize)> = Vec::new();
        self.call.for_each(Side::New, &COLUMNS, |row| {
            let name = row.text(USER_ID).unwrap_or_default();
            let place = places.get(renamed.user_of(name));
            if let (Some(id), Some(place)) = (row.bigint(ID), place)
                && !renamed.leaves_out(id)
            {
                events.push((id, *place));
            }
        });
        let mut failure = None;
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for events in events.chunks(PASS) {
            let event = |(id, place): &(i64, usize)| (*id, &*met[*place].0, &*met[*place].1);
            let late: Vec<aliases::Late> = events.iter().map(event).collect();
            let fates = aliases::move_events(self.session, &late).unwrap_or_else(|error| {
                failure = Some(error);
                vec![Fate::Kept; late.len()]
            });
            let dropped = fates.iter().filter(|fate| **fate == Fate::Dropped);
            DROPPED.set(DROPPED.get() + dropped.count() as i64);
            for ((id, alias, _), fate) in late.iter().zip(fates) {
                if fate != Fate::Moved {
                    renamed.left_out.insert(*id);
                }
                if fate == Fate::Kept {
                    kept.insert(alias);
                }
            }
        }
        if !kept.is_empty() {
            aliases::reopen(self.session, &kept.into_iter().collect::<Vec<_>>());
        }
        if let Some(error) = failure {
            Refusal::note("events of an alias could not be made the user's")
                .detail(error)
                .hint("They are stored under the alias and not evaluated; the clock tries again.")
                .warn();
        }
        renamed.add(met);
        let touched = Touched::renamed(self.call, self.registry, std::mem::take(renamed));
        let (subjects, names) = self.concerned(touched);
        *renamed = names;
        subjects
    }
}

/// A row of contacts for an alias: whose it is, and what it says of them.
type Said = (String, Option<String>, Option<String>);

impl Ingest<'_> {
    /// Contacts that the statement made of aliases are taken away again, and what they say of properties and
    /// address is said of the users, as an event would say it: it is the latest that was said. Nobody gets the
    /// name of an alias by an UPDATE, which would be to make two of one. `gone` and `present` are in byte order.
    pub(super) fn leave_out_aliases(&self, gone: &mut Vec<Subject>, present: &mut Vec<Subject>) {
        let may_be = match self.call.operation {
            Operation::Insert => true,
            // Somebody has another name now, so that somebody is gone.
            Operation::Update => !gone.is_empty(),
            _ => false,
        };
        if !may_be || direct::is_empty(self.session, aliases::TABLE) {
            return;
        }
        let of_both = gone.iter().chain(present.iter());
        let users: Vec<&str> = of_both.map(|subject| subject.user.as_str()).collect();
        let mut met: HashMap<String, String> = HashMap::new();
        for users in users.chunks(PASS) {
            let session = self.session;
            met.extend(session.nested(|session| aliases::of(session, users)));
        }
        let mut said: Vec<Said> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        self.call.for_each(Side::New, &CONTACT, |row| {
            let Some((name, user)) = row.text(USER_ID).and_then(|name| met.get_key_value(name))
            else {
                return;
            };
            if self.call.operation == Operation::Update {
                refuse_name(name, user);
            }
            names.push(name.clone());
            if row.is_null(DELETED_AT) {
                let email = row.text(EMAIL).map(str::to_owned);
                let properties = row.datum(PROPERTIES).map(json_text);
                said.push((user.clone(), email, properties));
            }
        });
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for names in names.chunks(PASS) {
            store::unmake(self.session, names);
        }
        gone.retain(|subject| !met.contains_key(&subject.user));
        present.retain(|subject| !met.contains_key(&subject.user));
        let keys = self.registry.properties.keys();
        for said in said.chunks(PASS) {
            let mut users: Vec<&str> = said.iter().map(|(user, ..)| user.as_str()).collect();
            users.sort_unstable();
            users.dedup();
            let made = store::lock_or_create(self.session, &users, &[]).1;
            for user in &made.created {
                place_of_user(present, user).appears();
            }
            let patches: Vec<store::Patch> = said
                .iter()
                .map(|(user, email, properties)| {
                    (user.as_str(), email.as_deref(), properties.as_deref())
                })
                .collect();
            for (user, key, was, is) in store::patch_given(self.session, &patches, &keys) {
                place_of_user(present, user).property_changed(self.registry, key, was, is);
            }
        }
    }
}

fn refuse_name(name: &str, user: &str) -> ! {
    Refusal::invalid(format!("\"{name}\" is another id of user \"{user}\""))
        .detail("A contact was to get it as its user_id.")
        .hint(format!(
            "If they are one person, SELECT hogsend_identify(the contact's id, '{user}')."
        ))
        .raise()
}
