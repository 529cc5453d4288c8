//! What is seen to after somebody wrote to `contacts` directly: addresses are written as they are to
//! be, and patches that the clock has yet to apply do not come after what was written since.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::value::RawValue;

use super::Ingest;
use super::contacts::{COLUMNS, EMAIL, PROPERTIES, USER_ID};
use crate::pg::direct;
use crate::pg::row::Row;
use crate::pg::sql::json_text;
use crate::pg::trigger::{Operation, Side};
use crate::pipeline::patches::{self, Change};
use crate::pipeline::{PASS, Subject, run};
use crate::store::contacts::email;
use crate::store::queue::{self, Queued};

impl Ingest<'_> {
    /// Addresses with white space at their ends, or upper case, are written anew; all others, which
    /// are most, cost a look.
    pub(super) fn normalise_emails(&self) {
        let mut users: Vec<String> = Vec::new();
        self.call.for_each(Side::New, &COLUMNS, |row| {
            if let (Some(user), Some(email)) = (row.text(USER_ID), row.text(EMAIL))
                && !email::is_normal(email)
            {
                users.push(user.to_owned());
            }
        });
        for users in users.chunks(PASS) {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            self.session
                .nested(|session| email::normalise(session, &users));
        }
    }

    /// The patches that wait for contacts who got another user_id: they go with the contact. What else
    /// waits does not, because the events do not either.
    pub(super) fn moved_patches(&self, gone: &[Subject]) -> Vec<Queued> {
        let moves = self.call.operation == Operation::Update && !gone.is_empty();
        if !moves || direct::is_empty(self.session, c"user_queue") {
            return Vec::new();
        }
        // An UPDATE writes both rows of a contact down together, so they stand in the same order.
        let mut before: Vec<String> = Vec::new();
        self.call.for_each(Side::Old, &COLUMNS, |row| {
            before.push(row.text(USER_ID).unwrap_or_default().to_owned());
        });
        let mut moved: HashMap<String, String> = HashMap::new();
        let mut olds = before.into_iter();
        self.call.for_each(Side::New, &COLUMNS, |row| {
            if let (Some(old), Some(new)) = (olds.next(), row.text(USER_ID))
                && old != new
            {
                moved.insert(old, new.to_owned());
            }
        });
        let mut rows = self.patches_of(moved.keys().map(String::as_str).collect());
        rows.sort_unstable_by_key(|row| row.id);
        for row in &mut rows {
            if let Some(new) = moved.get(&row.touch.user) {
                row.touch.user.clone_from(new);
            }
        }
        rows
    }

    /// Patches of the queue are older than what the statement wrote: they are applied now, but for
    /// what it changed. Those of contacts that `moved` are part of what they are. `subjects` are in byte
    /// order, and get the properties that change by it.
    pub(super) fn put_patches_under(&self, subjects: &mut Vec<Subject>, moved: Vec<Queued>) {
        let rows = self.overtaken();
        if rows.is_empty() && moved.is_empty() {
            return;
        }
        let written = self.written(&rows);
        let rows: Vec<Queued> = rows
            .into_iter()
            .map(|mut row| {
                if let Some(written) = written.get(&row.touch.user) {
                    written.take_from(&mut row);
                }
                row
            })
            .chain(moved)
            .collect();
        let mut quiet: BTreeMap<String, Subject> = BTreeMap::new();
        for change in patches::apply(self.session, self.registry, &rows) {
            let subject = if change.is_quiet() {
                let user = change.user.clone();
                quiet.entry(user).or_insert_with(|| change.subject())
            } else {
                place_of(subjects, &change)
            };
            change.tell(self.registry, subject);
        }
        self.look(quiet.into_values().collect(), run::DATA);
    }

    /// The patches that wait for users whom the statement wrote; their rows are its own.
    fn overtaken(&self) -> Vec<Queued> {
        if !queue::exists(&self.call.context) {
            return Vec::new();
        }
        let mut users: Vec<String> = Vec::new();
        self.call.for_each(Side::New, &COLUMNS, |row| {
            users.extend(row.text(USER_ID).map(str::to_owned));
        });
        self.patches_of(users.iter().map(String::as_str).collect())
    }

    fn patches_of(&self, users: Vec<&str>) -> Vec<Queued> {
        let mut rows = Vec::new();
        for users in users.chunks(PASS) {
            let session = self.session;
            rows.extend(session.nested(|session| queue::take_patches(session, users)));
        }
        rows
    }

    /// What the statement changed of the users of `rows`.
    fn written(&self, rows: &[Queued]) -> HashMap<String, Written> {
        let users: HashSet<&str> = rows.iter().map(|row| row.touch.user.as_str()).collect();
        let mut before: HashMap<String, Contact> = HashMap::new();
        let mut written: HashMap<String, Written> = HashMap::new();
        self.call.for_each(Side::Old, &COLUMNS, |row| {
            if let Some(user) = row.text(USER_ID).filter(|user| users.contains(user)) {
                before.insert(user.to_owned(), Contact::of(&row));
            }
        });
        self.call.for_each(Side::New, &COLUMNS, |row| {
            if let Some(user) = row.text(USER_ID).filter(|user| users.contains(user)) {
                let was = before.remove(user).unwrap_or_default();
                let is = Contact::of(&row);
                written.insert(user.to_owned(), Written::between(&was, &is));
            }
        });
        written
    }
}

/// The same of a change that is not put off.
pub(super) fn place_of_user<'s>(subjects: &'s mut Vec<Subject>, user: &str) -> &'s mut Subject {
    let place = subjects.binary_search_by(|s| s.user.as_str().cmp(user));
    let place = place.unwrap_or_else(|place| {
        subjects.insert(place, Subject::of_statement(user));
        place
    });
    &mut subjects[place]
}

/// The subject of a change; one is made if there is none.
fn place_of<'s>(subjects: &'s mut Vec<Subject>, change: &Change) -> &'s mut Subject {
    let place = subjects.binary_search_by(|s| s.user.as_str().cmp(&change.user));
    let place = place.unwrap_or_else(|place| {
        subjects.insert(place, change.subject());
        place
    });
    &mut subjects[place]
}

/// A contact as it was, or is.
#[derive(Default)]
struct Contact {
    email: Option<String>,
    /// As JSON.
    properties: Option<String>,
}

impl Contact {
    fn of(row: &Row) -> Contact {
        Contact {
            email: row.text(EMAIL).map(str::to_owned),
            properties: row.datum(PROPERTIES).map(json_text),
        }
    }
}

fn parsed(properties: Option<&str>) -> BTreeMap<String, &RawValue> {
    let parsed = properties.and_then(|json| serde_json::from_str(json).ok());
    parsed.unwrap_or_default()
}

/// What a statement wrote of one contact.
struct Written {
    email: bool,
    properties: HashSet<String>,
}

impl Written {
    fn between(was: &Contact, is: &Contact) -> Written {
        let before = parsed(was.properties.as_deref());
        let after = parsed(is.properties.as_deref());
        let differs =
            |key: &&String| before.get(*key).map(|v| v.get()) != after.get(*key).map(|v| v.get());
        Written {
            email: was.email != is.email,
            properties: before
                .keys()
                .chain(after.keys())
                .filter(differs)
                .cloned()
                .collect(),
        }
    }

    /// Takes what was written since from a patch.
    fn take_from(&self, row: &mut Queued) {
        if self.email {
            row.touch.email = None;
        }
        if let Some(json) = row.touch.properties.take() {
            let mut properties = parsed(Some(&json));
            properties.retain(|key, _| !self.properties.contains(key));
            row.touch.properties = serde_json::to_string(&properties).ok();
        }
    }
}
