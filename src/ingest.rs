//! Statements on `user_events`: narrow them to users and buckets, and look at those. A valid INSERT does not
//! fail by what happens here (I6 in doc/design.md).

mod by_hand;
mod contacts;
mod later;
mod touched;
mod users;

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use crate::backfill;
use crate::delivery::Outbox;
use crate::pg::direct;
use crate::pg::settings::{self, Evaluate};
use crate::pg::sql::Session;
use crate::pg::trigger::{Call, Operation, trigger_function};
use crate::pg::{clock, locks};
use crate::pipeline::{PASS, Pipeline, Run, Subject, patches, run};
use crate::registry::{self, Registry};
use crate::store::contacts as store;
use crate::store::facts::recent;
use crate::store::own;
use crate::store::queue;
use crate::store::seen_contacts;
use crate::store::stays::EVERY_BUCKET;
use crate::store::timers::{self, Quiet};
use touched::Touched;

trigger_function!(
    hogsend_on_user_events,
    pg_finfo_hogsend_on_user_events,
    on_user_events
);
trigger_function!(
    hogsend_evaluate_user_events,
    pg_finfo_hogsend_evaluate_user_events,
    evaluate
);

/// Sees with the caller's rights, from memory and the lock on the user alone, whether there is anything
/// to do; the function with the definer's rights, which costs as much as all of this, is called only if
/// so.
fn on_user_events(call: &Call) {
    // Of a statement that failed before it was taken.
    SEEN.set(None);
    recent::forget();
    if call.operation != Operation::Insert && own::is_own_write() {
        return;
    }
    let definitions = locks::share_definitions(&call.context);
    if call.operation == Operation::Insert
        && let Some(registry) = registry::at_hand(&definitions)
    {
        let touched = Touched::of(call, &registry);
        if touched.is_of_no_consequence(&call.context)
            || touched.is_settled(&call.context, &registry)
        {
            return;
        }
        SEEN.set(Some(touched));
    }
    // In a database of 0.1.0 there is no other function, and this one has the definer's rights.
    if !call.pass_on(c"hogsend_evaluate_user_events") {
        evaluate(call);
    }
}

thread_local! {
    /// What was read of the statement that is about to be evaluated.
    static SEEN: Cell<Option<Touched>> = const { Cell::new(None) };
}

fn evaluate(call: &Call) {
    let seen = SEEN.take();
    let definitions = locks::share_definitions(&call.context);
    call.context.require_columns();
    if call.operation == Operation::Truncate {
        Session::write(&call.context, queue::drop_nobodies);
        return backfill::reevaluate_event_buckets(&definitions);
    }
    let registry = registry::current(&definitions);
    let touched = seen
        .filter(|seen| seen.is_of(call, &registry))
        .unwrap_or_else(|| Touched::of(call, &registry));
    if touched.is_of_no_consequence(&call.context) {
        return;
    }
    if later::is_asked_for(&call.context) {
        return Session::write(&call.context, |session| {
            let ingest = Ingest {
                call,
                session,
                registry: &registry,
            };
            ingest.leave_events(&touched);
            if call.operation == Operation::Delete {
                ingest.forget_nobodies(touched.users.iter());
            }
        });
    }
    let patches = touched.patches && call.operation == Operation::Insert;
    let losers = touched.losers(call.operation);
    let subjects = touched.users.into_sorted();
    Session::write(&call.context, |session| {
        let ingest = Ingest {
            call,
            session,
            registry: &registry,
        };
        match call.operation {
            Operation::Delete => {
                ingest.forget_nobodies(subjects.iter());
                ingest.look(subjects, run::DATA);
            }
            _ => ingest.arrive(ingest.without_strangers(subjects, &losers), patches),
        }
    });
}

/// A statement that is being worked on.
struct Ingest<'a> {
    call: &'a Call,
    session: &'a Session<'a>,
    registry: &'a Registry,
}

impl Ingest<'_> {
    /// Leaves out those of `losers` who have no contact: to lose an event makes nobody known.
    fn without_strangers(&self, mut subjects: Vec<Subject>, losers: &[String]) -> Vec<Subject> {
        let losers: Vec<&str> = losers.iter().map(String::as_str).collect();
        let mut strangers: HashSet<&str> = HashSet::new();
        for users in losers.chunks(PASS) {
            let known = store::read(self.session, users, &[]);
            strangers.extend(users.iter().filter(|user| !known.contains_key(**user)));
        }
        subjects.retain(|subject| !strangers.contains(subject.user.as_str()));
        subjects
    }

    /// Who has neither a contact nor an event any more is nobody, of whom nothing is to be kept, and whom
    /// the clock must not make known.
    fn forget_nobodies<'u>(&self, users: impl Iterator<Item = &'u Subject>) {
        if direct::is_empty(self.session, c"user_queue") {
            return;
        }
        let users: Vec<&str> = users.map(|subject| subject.user.as_str()).collect();
        for users in users.chunks(PASS) {
            queue::drop_nobodies_of(self.session, users);
        }
    }

    /// Users did something: make sure that they have contacts, apply patches, look at them.
    fn arrive(&self, mut subjects: Vec<Subject>, patches: bool) {
        // The common case: one user, nothing to patch. Whether there is a contact then shows when
        // it is locked, or by one look where nothing needs a lock.
        if let ([subject], false) = (subjects.as_slice(), patches) {
            let is_looked_at = !subject.buckets.is_empty();
            if is_looked_at && self.evaluates() {
                return self.look(subjects, run::ARRIVAL);
            }
            if store::exists(self.session, &subject.user) {
                seen_contacts::remember(&self.call.context, &subject.user);
                return if is_looked_at {
                    self.look(subjects, run::ARRIVAL);
                };
            }
        }
        // All contacts are created before the first lock is taken, both in byte order, so that no
        // two statements wait for each other in a circle.
        let nothing_defined = self.registry.buckets.is_empty();
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        let mut created: Vec<String> = users
            .chunks(PASS)
            .flat_map(|u| {
                self.session
                    .nested(|session| store::create_missing(session, u))
            })
            .collect();
        created.sort_unstable();
        if !nothing_defined {
            for subject in &mut subjects {
                if created.binary_search(&subject.user).is_ok() {
                    subject.appears();
                }
            }
        }
        let mut quiet = Vec::new();
        if patches {
            quiet = self.patch(&mut subjects);
        } else if !created.is_empty() {
            // Whoever is made known here may have been queued before.
            let users: Vec<&str> = created.iter().map(String::as_str).collect();
            quiet = patches::overtake(self.session, self.registry, &users, &mut subjects)
                .unwrap_or_default();
        }
        self.look(quiet, run::ARRIVAL);
        self.look(subjects, run::ARRIVAL);
    }

    fn patch(&self, subjects: &mut [Subject]) -> Vec<Subject> {
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        let mut created: Vec<String> = Vec::new();
        for chunk in users.chunks(PASS) {
            created.extend(store::lock_or_create(self.session, chunk, &[]).1);
        }
        for user in created {
            if let Ok(place) = subjects.binary_search_by(|s| s.user.cmp(&user)) {
                subjects[place].appears();
            }
        }
        let users: Vec<String> = subjects.iter().map(|s| s.user.clone()).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let quiet = patches::overtake(self.session, self.registry, &users, subjects);
        self.session.register_transition_tables(self.call.data());
        let keys = self.registry.properties.keys();
        for (user, key, was, is) in store::patch(self.session, &keys) {
            let subject = subjects.binary_search_by(|s| s.user.as_str().cmp(user));
            if let Ok(subject) = subject {
                subjects[subject].property_changed(self.registry, key, was, is);
            }
        }
        quiet.unwrap_or_default()
    }

    /// Looks at those subjects for whom there is anything to look at, or queues them.
    fn look(&self, mut subjects: Vec<Subject>, run: Run) {
        subjects.retain(|s| s.everything || !s.buckets.is_empty());
        if subjects.is_empty() {
            return;
        }
        if later::is_asked_for(&self.call.context) {
            return self.leave_contacts(&subjects);
        }
        if !self.evaluates() {
            return self.queue(&subjects, run);
        }
        let pipeline = Pipeline::new(self.session, self.registry);
        let mut outbox = Outbox::default();
        pipeline.run(&mut subjects, run, &mut outbox);
        outbox.send();
    }

    /// Leaves the users to the next reconcile. Under the lock, so that a reconcile that is
    /// looking at a user right now cannot take this for looked at. Who has no contact and gets none
    /// by this belongs nowhere, and is not queued: above all whom an erasure has just taken.
    fn queue(&self, subjects: &[Subject], run: Run) {
        for (quiet, subjects) in by_quiet(subjects) {
            let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
            for chunk in users.chunks(PASS) {
                let contacts = if run.creates_contacts {
                    store::lock_or_create(self.session, chunk, &[]).0
                } else {
                    store::lock(self.session, chunk, &[])
                };
                let now = clock::now();
                let known = chunk.iter().filter(|user| contacts.contains_key(**user));
                let timers: Vec<_> = known.map(|user| (*user, EVERY_BUCKET, now)).collect();
                timers::arm(self.session, &timers, quiet);
            }
        }
    }

    /// Whether statements are evaluated at once.
    fn evaluates(&self) -> bool {
        settings::evaluate() == Evaluate::on && !self.registry.suspended
    }
}

/// Subjects by what is not to be said of them.
fn by_quiet(subjects: &[Subject]) -> impl Iterator<Item = (Quiet, Vec<&Subject>)> {
    let mut groups: BTreeMap<(bool, bool), Vec<&Subject>> = BTreeMap::new();
    let everything = !settings::announce();
    for subject in subjects {
        let quiet = (subject.silent, subject.muted || everything);
        groups.entry(quiet).or_default().push(subject);
    }
    let groups = groups.into_iter();
    groups.map(|((silent, muted), subjects)| (Quiet { silent, muted }, subjects))
}
