//! Statements on `user_events`: narrow them to users and buckets, and look at those. A valid INSERT does not
//! fail by what happens here (I6 in doc/design.md).

mod aliases;
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
use crate::pipeline::{PASS, Pipeline, Read, Run, Subject, patches, run};
use crate::registry::{self, Registry};
use crate::store::aliases::{self as store_aliases, Pair};
use crate::store::contacts as store;
use crate::store::facts::recent;
use crate::store::own;
use crate::store::queue;
use crate::store::seen_contacts;
use crate::store::stays::EVERY_BUCKET;
use crate::store::timers::{self, Quiet};
use crate::store::totals;
use aliases::Renamed;
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

/// Sees with the caller's rights, from memory, the lock on the user and the indexes, whether there is anything
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
        let mut touched = Touched::of(call, &registry);
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
        Session::write(&call.context, |session| {
            queue::drop_nobodies(session);
            totals::drop_all(session);
        });
        return backfill::reevaluate_event_buckets(&definitions);
    }
    let registry = registry::current(&definitions);
    let mut touched = seen
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
                read: Cell::new(None),
            };
            ingest.leave_events(&touched);
            if call.operation == Operation::Delete {
                ingest.forget_nobodies(touched.users.iter());
            }
        });
    }
    touched.add_up(call, &registry);
    let read = touched.read.take();
    Session::write(&call.context, |session| {
        let ingest = Ingest {
            call,
            session,
            registry: &registry,
            read: Cell::new(read),
        };
        match call.operation {
            Operation::Delete => {
                let subjects = touched.users.into_sorted();
                ingest.forget_nobodies(subjects.iter());
                ingest.look(subjects, run::DATA);
            }
            _ => ingest.arrive(touched),
        }
    });
}

/// A statement that is being worked on.
struct Ingest<'a> {
    call: &'a Call,
    session: &'a Session<'a>,
    registry: &'a Registry,
    /// What was read beforehand of the only user.
    read: Cell<Option<Box<Read>>>,
}

impl Ingest<'_> {
    /// Whom a statement that brings events concerns, in byte order, and under which names. Those who only
    /// lost some are left out where they have no contact: to lose an event makes nobody known.
    fn concerned(&self, touched: Touched) -> (Vec<Subject>, Renamed) {
        let losers = touched.losers(self.call.operation);
        let losers: Vec<&str> = losers.iter().map(String::as_str).collect();
        let mut subjects = touched.users.into_sorted();
        let mut strangers: HashSet<&str> = HashSet::new();
        for users in losers.chunks(PASS) {
            let known = store::read(self.session, users, &[]);
            strangers.extend(users.iter().filter(|user| !known.contains_key(**user)));
        }
        subjects.retain(|subject| !strangers.contains(subject.user.as_str()));
        (subjects, touched.names)
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

    /// Users did something: make sure that they have contacts, apply patches, look at them. What an alias
    /// did, the user did.
    fn arrive(&self, touched: Touched) {
        let patches = touched.patches && self.call.operation == Operation::Insert;
        let (mut subjects, mut names) = self.concerned(touched);
        // The common case: one user, nothing to patch. Whether there is a contact then shows when
        // it is locked, or by one look where nothing needs a lock.
        let mut is_unknown = false;
        if let ([subject], false) = (subjects.as_slice(), patches) {
            let is_looked_at = subject.is_concerned();
            if is_looked_at && self.evaluates() {
                let met = self.look(subjects, run::ARRIVAL);
                if met.is_empty() {
                    return;
                }
                subjects = self.rename(&mut names, met);
            } else if store::exists(self.session, &subject.user) {
                seen_contacts::remember(&self.call.context, &subject.user);
                if !is_looked_at || self.look(subjects.clone(), run::ARRIVAL).is_empty() {
                    return;
                }
            } else {
                is_unknown = true;
            }
        }
        let mut met = self.introduce(subjects, &mut names, patches, is_unknown);
        for _ in 0..store_aliases::ROUNDS {
            if met.is_empty() {
                return;
            }
            // They became aliases since their contacts were seen. Those whose they are may have been
            // looked at already, and are once more.
            let users: HashSet<String> = met.iter().map(|(_, user)| user.clone()).collect();
            let mut subjects = self.rename(&mut names, met);
            subjects.retain(|subject| users.contains(&subject.user));
            met = self.introduce(subjects, &mut names, patches, false);
        }
    }

    /// The same, unless there are users who became aliases meanwhile, whom it returns. `are_unknown`: none
    /// of them had a contact a moment ago.
    fn introduce(
        &self,
        mut subjects: Vec<Subject>,
        names: &mut Renamed,
        patches: bool,
        are_unknown: bool,
    ) -> Vec<Pair> {
        // All contacts are created before the first lock is taken, both in byte order, so that no
        // two statements wait for each other in a circle.
        let nothing_defined = self.registry.buckets.is_empty();
        let mut created: Vec<String> = Vec::new();
        for round in 0..=store_aliases::ROUNDS {
            let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
            let mut met: Vec<Pair> = Vec::new();
            for users in users.chunks(PASS) {
                let context = &self.call.context;
                let are_unknown = are_unknown && round == 0;
                let unseen = match are_unknown {
                    true => users.to_vec(),
                    false => seen_contacts::unseen(context, users),
                };
                if unseen.is_empty() {
                    continue;
                }
                let made = self.session.nested(|session| match are_unknown {
                    true => store::create_unknown(session, &unseen),
                    false => store::create_missing(session, &unseen),
                });
                if made.aliases.is_empty() {
                    let seen = unseen.iter().copied();
                    seen_contacts::remember_all(context, seen);
                }
                created.extend(made.created);
                met.extend(made.aliases);
            }
            if met.is_empty() {
                break;
            }
            if round == store_aliases::ROUNDS {
                return Vec::new();
            }
            subjects = self.rename(names, met);
        }
        created.sort_unstable();
        if !nothing_defined {
            for subject in &mut subjects {
                if created.binary_search(&subject.user).is_ok() {
                    subject.appears();
                }
            }
        }
        let mut met = Vec::new();
        let mut quiet = Vec::new();
        if patches {
            quiet = self.patch(&mut subjects, names, &mut met);
        } else if !created.is_empty() {
            // Whoever is made known here may have been queued before.
            let users: Vec<&str> = created.iter().map(String::as_str).collect();
            quiet = patches::overtake(self.session, self.registry, &users, &mut subjects)
                .unwrap_or_default();
        }
        self.look(quiet, run::ARRIVAL);
        met.extend(self.look(subjects, run::ARRIVAL));
        met
    }

    fn patch(
        &self,
        subjects: &mut Vec<Subject>,
        names: &Renamed,
        met: &mut Vec<Pair>,
    ) -> Vec<Subject> {
        let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
        let mut created: Vec<String> = Vec::new();
        for chunk in users.chunks(PASS) {
            let made = store::lock_or_create(self.session, chunk, &[]).1;
            created.extend(made.created);
            met.extend(made.aliases);
        }
        subjects.retain(|subject| met.iter().all(|(alias, _)| *alias != subject.user));
        for user in created {
            if let Ok(place) = subjects.binary_search_by(|s| s.user.cmp(&user)) {
                subjects[place].appears();
            }
        }
        let users: Vec<String> = subjects.iter().map(|s| s.user.clone()).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let quiet = patches::overtake(self.session, self.registry, &users, subjects);
        let keys = self.registry.properties.keys();
        // A connection of its own, because the tables have their names in one only once, and who becomes an alias
        // meanwhile is patched anew.
        self.session.nested(|session| {
            session.register_transition_tables(self.call.data());
            let changed = match names.is_empty() {
                true => store::patch(session, &keys),
                false => store::patch_renamed(session, &keys, &names.as_arrays()),
            };
            for (user, key, was, is) in changed {
                let subject = subjects.binary_search_by(|s| s.user.as_str().cmp(user));
                if let Ok(subject) = subject {
                    subjects[subject].property_changed(self.registry, key, was, is);
                }
            }
        });
        quiet.unwrap_or_default()
    }

    /// Looks at those subjects for whom there is anything to look at, or queues them. Returns aliases
    /// who were among them, and were not looked at.
    fn look(&self, mut subjects: Vec<Subject>, run: Run) -> Vec<Pair> {
        subjects.retain(Subject::is_concerned);
        if subjects.is_empty() {
            return Vec::new();
        }
        if later::is_asked_for(&self.call.context) {
            self.leave_contacts(&subjects);
            return Vec::new();
        }
        if !self.evaluates() {
            return self.queue(&subjects, run);
        }
        let pipeline = Pipeline::new(self.session, self.registry).with_read(self.read.take());
        let mut outbox = Outbox::default();
        pipeline.run(&mut subjects, run, &mut outbox);
        outbox.send();
        pipeline.met.take()
    }

    /// Leaves the users to the next reconcile. Under the lock, so that a reconcile that is
    /// looking at a user right now cannot take this for looked at. Who has no contact and gets none
    /// by this belongs nowhere, and is not queued: above all whom an erasure has just taken.
    fn queue(&self, subjects: &[Subject], run: Run) -> Vec<Pair> {
        let mut met = Vec::new();
        for (quiet, subjects) in by_quiet(subjects) {
            let users: Vec<&str> = subjects.iter().map(|s| s.user.as_str()).collect();
            for chunk in users.chunks(PASS) {
                let contacts = if run.creates_contacts {
                    let (contacts, made) = store::lock_or_create(self.session, chunk, &[]);
                    met.extend(made.aliases);
                    contacts
                } else {
                    store::lock(self.session, chunk, &[])
                };
                totals::drop_of(self.session, chunk);
                let now = clock::now();
                let known = chunk.iter().filter(|user| contacts.contains_key(**user));
                let timers: Vec<_> = known.map(|user| (*user, EVERY_BUCKET, now)).collect();
                timers::arm(self.session, &timers, quiet);
            }
        }
        met
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
