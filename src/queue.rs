//! Working off `user_queue`: what statements left to the clock under `hogsend.evaluate = later`.
//!
//! A user's rows are taken under the lock on the contact, all of them at once and in the order of
//! their numbers, in the subtransaction that applies their patches and evaluates: either all of that
//! happened or nothing, and whoever else looks at the user comes before or after.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

use hogsend_core::time::Instant;
use pgrx::{PgSqlErrorCode, PgTryBuilder, pg_sys};

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pipeline::patches::{self, Change};
use crate::pipeline::{Arrival, PASS, Pipeline, Subject, Tally, Unknown, run};
use crate::registry::Registry;
use crate::store::contacts;
use crate::store::facts::rows::StoredEvents;
use crate::store::queue::{self, Queued, What};
use crate::store::timers::Quiet;
use crate::store::totals;
use crate::strays;

/// What came of a part of the queue.
#[derive(Default)]
pub struct Worked {
    /// How many users were looked at.
    pub users: i64,
    pub tally: Tally,
    pub outbox: Outbox,
    /// Contacts are locked by now, to the end of the transaction: whoever waits for another could wait in a
    /// circle (I1).
    pub holds: bool,
}

impl Worked {
    fn add(&mut self, users: usize, tally: Tally, outbox: Outbox) {
        self.users += users as i64;
        self.tally.add(tally);
        self.outbox.absorb(outbox);
    }
}

/// Looks at users in the queue, first come first, until there are no more or `limit` rows were seen.
/// Passes over those who are in somebody's hands.
pub fn work_off(context: &Context, registry: &Registry, limit: i64) -> Worked {
    let worker = Worker { context, registry };
    let mut worked = Worked::default();
    if !queue::exists(context) {
        return worked;
    }
    let (mut after, mut left) = (0, limit);
    while left > 0 {
        pgrx::check_for_interrupts!();
        let rows = left.min(PASS as i64);
        let (users, last) = Session::write(context, |session| {
            let head = queue::head(session, after, clock::now(), rows);
            (worker.claim(session, head.users), head.last)
        });
        let Some(last) = last else { break };
        after = last;
        left -= rows;
        worked.holds |= !users.is_empty();
        worker.handle(&users, &mut worked);
    }
    worked
}

/// A user of the queue, and whether the contact is still to be made.
type Claimed = (String, bool);

struct Worker<'a> {
    context: &'a Context,
    registry: &'a Registry,
}

impl Worker<'_> {
    /// Locks the contacts that nobody else has locked, and leaves in whoever has none. What is said of an alias
    /// is said of the user.
    fn claim(&self, session: &Session, users: Vec<(String, bool)>) -> Vec<Claimed> {
        let names: Vec<&str> = users.iter().map(|(user, _)| user.as_str()).collect();
        let met = contacts::aliases_among(session, &names);
        if met.is_empty() {
            return self.claim_users(session, users);
        }
        let aliases: HashSet<&str> = met.iter().map(|(alias, _)| alias.as_str()).collect();
        let names: Vec<&str> = aliases.iter().copied().collect();
        let home = strays::bring_home(session, &names);
        let others = users.iter().filter(|(u, _)| !aliases.contains(u.as_str()));
        let mut users: BTreeMap<String, bool> = others.cloned().collect();
        users.extend(home.into_iter().map(|user| (user, true)));
        self.claim_users(session, users.into_iter().collect())
    }

    fn claim_users(&self, session: &Session, users: Vec<(String, bool)>) -> Vec<Claimed> {
        let names: Vec<&str> = users.iter().map(|(user, _)| user.as_str()).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let locked = contacts::try_lock(session, &names);
        let others: Vec<&str> = names
            .iter()
            .copied()
            .filter(|user| !locked.contains(*user))
            .collect();
        let known = contacts::read(session, &others, &[]);
        let strangers: HashSet<&str> = others
            .iter()
            .copied()
            .filter(|user| !known.contains_key(*user))
            .collect();
        let nobody: Vec<&str> = users
            .iter()
            .filter(|(user, creates)| !creates && strangers.contains(user.as_str()))
            .map(|(user, _)| user.as_str())
            .collect();
        queue::drop_strays(session, &nobody);
        users
            .iter()
            .filter_map(|(user, creates)| {
                let missing = *creates && strangers.contains(user.as_str());
                (missing || locked.contains(user)).then(|| (user.clone(), missing))
            })
            .collect()
    }

    /// Looks at users together, and if that fails in halves, until the one that fails is alone: the
    /// reason is kept with what is left of the user in the queue, and the others go on.
    fn handle(&self, users: &[Claimed], worked: &mut Worked) {
        if users.is_empty() {
            return;
        }
        let result = attempt(|| Session::write(self.context, |session| self.look(session, users)));
        match (result, users) {
            (Ok((looked_at, tally, outbox)), _) => worked.add(looked_at, tally, outbox),
            (Err(error), [(user, _)]) => {
                Refusal::new(
                    PgSqlErrorCode::ERRCODE_WARNING,
                    format!("user \"{user}\" of the queue could not be evaluated"),
                )
                .detail(error.clone())
                .hint("It will be tried again; user_queue.error keeps the reason.")
                .warn();
                Session::write(self.context, |session| {
                    queue::put_off(session, user, &error, clock::now());
                });
            }
            (Err(_), users) => {
                let (first, second) = users.split_at(users.len() / 2);
                self.handle(first, worked);
                self.handle(second, worked);
            }
        }
    }

    fn look(&self, session: &Session, users: &[Claimed]) -> (usize, Tally, Outbox) {
        let missing: Vec<&str> = users
            .iter()
            .filter(|(_, missing)| *missing)
            .map(|(user, _)| user.as_str())
            .collect();
        let created = self.create(session, &missing);
        let ours: Vec<&str> = users
            .iter()
            .filter(|(user, missing)| !missing || created.contains(user))
            .map(|(user, _)| user.as_str())
            .collect();
        if ours.is_empty() {
            return (0, Tally::default(), Outbox::default());
        }
        let rows = queue::take(session, &ours);
        // Nobody has added what waited here, nor knows what of it was added up since.
        totals::drop_of(session, &ours);
        let mut subjects = Subjects::default();
        let documents = documents(session, self.registry, &rows);
        subjects.of_rows(self.registry, &rows, documents.as_ref(), &created);
        let changes = patches::apply(session, self.registry, &rows);
        subjects.of_changes(self.registry, changes);
        subjects.appeared(&rows, &created);
        let pipeline = Pipeline::new(session, self.registry);
        let (mut tally, mut outbox) = (Tally::default(), Outbox::default());
        for mut group in subjects.groups() {
            tally.add(pipeline.run(&mut group, run::DATA, &mut outbox));
        }
        (ours.len(), tally, outbox)
    }

    /// Makes contacts; returns those that were made. Whoever is being made by somebody else right
    /// now is left to them, because the clock waits for nobody.
    fn create(&self, session: &Session, users: &[&str]) -> HashSet<String> {
        if users.is_empty() {
            return HashSet::new();
        }
        let waited = AtomicBool::new(false);
        let result = attempt(|| {
            PgTryBuilder::new(AssertUnwindSafe(|| {
                let _impatient = Impatient::begin();
                session.nested(|session| contacts::create_missing(session, users))
            }))
            .catch_when(PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE, |error| {
                waited.store(true, Ordering::Relaxed);
                error.rethrow()
            })
            .execute()
        });
        match (result, users) {
            (Ok(made), _) => made.created.into_iter().collect(),
            (Err(_), [_]) if waited.load(Ordering::Relaxed) => HashSet::new(),
            // To be kept with the user by whoever called us.
            (Err(_), [_]) => {
                let made = contacts::create_missing(session, users);
                made.created.into_iter().collect()
            }
            (Err(_), users) => {
                let (first, second) = users.split_at(users.len() / 2);
                let mut created = self.create(session, first);
                created.extend(self.create(session, second));
                created
            }
        }
    }
}

/// While it lives, a lock that somebody else has is an error at once. A contact that another
/// transaction has begun to make cannot be passed over like one that is locked; to wait for it could
/// be to wait in a circle, because this transaction holds the locks of others.
struct Impatient(i32);

impl Impatient {
    fn begin() -> Impatient {
        // SAFETY: a plain variable of this backend, which has one thread. In milliseconds.
        unsafe {
            let before = pg_sys::LockTimeout;
            pg_sys::LockTimeout = 1;
            Impatient(before)
        }
    }
}

impl Drop for Impatient {
    // Also runs when an error unwinds; it touches nothing else of Postgres.
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { pg_sys::LockTimeout = self.0 };
    }
}

/// Who is to be looked at, apart by what is not to be said of them: a user can be in several groups.
#[derive(Default)]
struct Subjects(BTreeMap<Reverse<(bool, bool)>, BTreeMap<String, Subject>>);

impl Subjects {
    fn of(&mut self, user: &str, quiet: Quiet) -> &mut Subject {
        let group = self.0.entry(Reverse((quiet.muted, quiet.silent)));
        let users = group.or_default().entry(user.to_owned());
        users.or_insert_with(|| Subject::with_quiet(user, quiet))
    }

    /// What rows tell, which stand in the order of their numbers. Who was made a contact comes into
    /// the scope of every bucket with the first of them.
    fn of_rows(
        &mut self,
        registry: &Registry,
        rows: &[Queued],
        documents: Option<&StoredEvents>,
        created: &HashSet<String>,
    ) {
        let mut appeared: HashSet<&str> = HashSet::new();
        for row in rows {
            let user = row.touch.user.as_str();
            let subject = self.of(user, row.quiet);
            subject.row = row.id;
            if created.contains(user) && appeared.insert(user) {
                subject.appears();
            }
            tell(registry, subject, row, documents);
            subject.row = 0;
        }
    }

    fn of_changes(&mut self, registry: &Registry, changes: Vec<Change>) {
        for change in changes {
            let subject = self.of(&change.user, change.quiet);
            change.tell(registry, subject);
        }
    }

    /// Notes in every group who was made a contact, and by which row: whatever else is told of them, they were
    /// no sooner there.
    fn appeared(&mut self, rows: &[Queued], created: &HashSet<String>) {
        let mut first: HashMap<&str, i64> = HashMap::new();
        for row in rows.iter().filter(|row| created.contains(&row.touch.user)) {
            first.entry(row.touch.user.as_str()).or_insert(row.id);
        }
        for users in self.0.values_mut() {
            for (user, row) in &first {
                if let Some(subject) = users.get_mut(*user) {
                    subject.appeared_by(*row);
                }
            }
        }
    }

    /// The groups, each in byte order: first those of whom least is said.
    fn groups(self) -> impl Iterator<Item = Vec<Subject>> {
        self.0
            .into_values()
            .map(|group| group.into_values().filter(Subject::is_concerned).collect())
    }
}

/// The events that rows tell of, as they are now, where more than their names matters.
fn documents<'s>(
    session: &'s Session,
    registry: &Registry,
    rows: &[Queued],
) -> Option<StoredEvents<'s>> {
    let asked = rows.iter().filter_map(|row| {
        let touch = &row.touch;
        let is_there = matches!(touch.what, What::Inserted | What::Updated);
        let event = registry.events.number(touch.name.as_deref()?)?;
        let is_asked = is_there && registry.streams.asks_more(event);
        is_asked.then_some((touch.event_id?, touch.user.as_str()))
    });
    StoredEvents::read(session, &asked.collect::<Vec<_>>())
}

/// Notes with a user that an event came that journeys mention.
fn came(registry: &Registry, subject: &mut Subject, row: &Queued) {
    let touch = &row.touch;
    let named = touch
        .name
        .as_deref()
        .and_then(|name| registry.journeys.named(name));
    if let (What::Inserted, Some(name), Some(id)) = (touch.what, named, touch.event_id) {
        let at = touch.occurred_at.unwrap_or(Instant(i64::MIN));
        let arrived = row.queued_at.unwrap_or_else(clock::now);
        subject.came(registry, Arrival::before(name, (at, id), arrived));
    }
}

/// Notes with a user what a row says.
fn tell(
    registry: &Registry,
    subject: &mut Subject,
    row: &Queued,
    documents: Option<&StoredEvents>,
) {
    let touch = &row.touch;
    let name = touch.name.as_deref();
    match touch.what {
        What::Contact => {
            subject.everything = true;
            subject.changes = None;
        }
        What::Property => {
            if let Some(name) = name {
                subject.property_perhaps_changed(registry, name);
            }
        }
        What::Inserted | What::Updated | What::Deleted => {
            came(registry, subject, row);
            let number = name.and_then(|name| Some((name, registry.events.number(name)?)));
            let Some((name, number)) = number else {
                return;
            };
            let at = touch.occurred_at.unwrap_or(Instant(i64::MIN));
            let id = touch.event_id.unwrap_or(0);
            let gone = touch.what == What::Deleted;
            if !registry.streams.asks_more(number) {
                return subject.happened(registry, number, (at, id), &Unknown, gone);
            }
            let document = documents.filter(|_| !gone);
            match document.and_then(|documents| documents.find(id, &touch.user, name, at)) {
                Some(event) => subject.happened(registry, number, (at, id), &event, false),
                None => subject.perhaps_happened(registry, number, at),
            }
        }
    }
}
