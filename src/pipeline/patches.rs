//! Patches that waited in the queue for the clock: applied to contacts before anything that is newer is
//! judged, by the clock, and by whoever comes before it.

use std::collections::{BTreeMap, HashMap};

use super::{PASS, Subject};
use crate::pg::sql::Session;
use crate::registry::Registry;
use crate::store::contacts::{self, Patch};
use crate::store::queue::{self, Queued};
use crate::store::timers::Quiet;

/// A top-level property that a patch changed: user, its key, its values before and after, and what is not to be
/// said.
pub struct Change {
    pub user: String,
    key: String,
    was: Option<String>,
    is: Option<String>,
    pub quiet: Quiet,
    /// The row that tells of it, or one of several.
    row: i64,
}

impl Change {
    /// Tells the user of it.
    pub fn tell(&self, registry: &Registry, subject: &mut Subject) {
        subject.arrivals_only = false;
        subject.row = self.row;
        subject.property_changed(registry, &self.key, self.was.as_deref(), self.is.as_deref());
        subject.row = 0;
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet.silent || self.quiet.muted
    }

    /// The user, of whom nothing is known yet.
    pub fn subject(&self) -> Subject {
        Subject::with_quiet(&self.user, self.quiet)
    }
}

/// Applies the patches of rows, in their order, to contacts that are locked. What several rows say of
/// a user is kept quiet only if it is to be for all of them.
pub fn apply(session: &Session, registry: &Registry, rows: &[Queued]) -> Vec<Change> {
    let mut quiet: HashMap<&str, Quiet> = HashMap::new();
    for row in rows.iter().filter(|row| row.touch.has_patch()) {
        let of_user = quiet.entry(&row.touch.user).or_insert(row.quiet);
        of_user.silent &= row.quiet.silent;
        of_user.muted &= row.quiet.muted;
    }
    let keys = registry.properties.keys();
    // What is older than a job comes before what is not: to the job they are two things.
    let age = |row: &Queued| registry.queue_marks.partition_point(|mark| *mark < row.id);
    let mut changes = Vec::new();
    for part in rows.chunk_by(|a, b| age(a) == age(b)) {
        let patches: Vec<Patch> = part
            .iter()
            .filter(|row| row.touch.has_patch())
            .map(|row| {
                let touch = &row.touch;
                let (email, properties) = (touch.email.as_deref(), touch.properties.as_deref());
                (touch.user.as_str(), email, properties)
            })
            .collect();
        if patches.is_empty() {
            continue;
        }
        let changed = contacts::patch_given(session, &patches, &keys).into_iter();
        changes.extend(changed.filter_map(|(user, key, was, is)| {
            Some(Change {
                user: user.to_owned(),
                key: key.to_owned(),
                was: was.map(str::to_owned),
                is: is.map(str::to_owned),
                quiet: *quiet.get(user)?,
                row: part[0].id,
            })
        }));
    }
    changes
}

/// Applies patches that are still in the queue for the clock to contacts that are locked, before anything
/// that is newer, and tells `subjects`, who stand in byte order. Returns those users whom they concern of
/// whom it is not to be announced; `None` if there were no patches.
pub fn overtake(
    session: &Session,
    registry: &Registry,
    users: &[&str],
    subjects: &mut [Subject],
) -> Option<Vec<Subject>> {
    let mut quiet: BTreeMap<String, Subject> = BTreeMap::new();
    let mut found = false;
    if !queue::exists(session.context()) {
        return None;
    }
    for users in users.chunks(PASS) {
        let rows = queue::take_patches(session, users);
        found |= !rows.is_empty();
        for change in apply(session, registry, &rows) {
            let place = subjects.binary_search_by(|s| s.user.as_str().cmp(&change.user));
            let subject = match place {
                Ok(place) if !change.is_quiet() => &mut subjects[place],
                _ => quiet.entry(change.user.clone()).or_insert_with(|| {
                    let mut subject = change.subject();
                    if let Ok(place) = place {
                        subject.appeared_with(&subjects[place]);
                    }
                    subject
                }),
            };
            change.tell(registry, subject);
        }
    }
    found.then(|| quiet.into_values().collect())
}
