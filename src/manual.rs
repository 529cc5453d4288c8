//! Manual buckets: membership follows calls.

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::delivery::Outbox;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::pipeline::{PASS, Pipeline, Subject, run};
use crate::registry::{self, BucketNo, Registry};
use crate::store::aliases::{self, Pair};
use crate::store::contacts::Made;
use crate::store::{contacts, definitions};

/// Adds a user to a manual bucket, without a word if `silent`; false when they were in it, or are
/// deleted.
#[pg_extern(security_definer, name = "hogsend_add_member")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_add_member_said(
    bucket_id: Option<&str>,
    user_id: Option<&str>,
    silent: default!(Option<bool>, false),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    change(
        bucket_id,
        vec![require_user(user_id)],
        adding(silent),
        fcinfo,
    ) > 0
}

/// Adds users to a manual bucket, without a word if `silent`; returns how many were not in it.
#[pg_extern(security_definer, name = "hogsend_add_member")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_add_members_said(
    bucket_id: Option<&str>,
    user_ids: Option<Array<&str>>,
    silent: default!(Option<bool>, false),
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    change(bucket_id, borrowed(&user_ids), adding(silent), fcinfo)
}

/// As 0.2.0 called it, whose scripts name this symbol.
#[pg_extern(sql = false)]
fn hogsend_add_member(
    bucket_id: Option<&str>,
    user_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    change(
        bucket_id,
        vec![require_user(user_id)],
        adding(Some(false)),
        fcinfo,
    ) > 0
}

/// The same of several users.
#[pg_extern(sql = false)]
fn hogsend_add_members(
    bucket_id: Option<&str>,
    user_ids: Option<Array<&str>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    change(bucket_id, borrowed(&user_ids), adding(Some(false)), fcinfo)
}

/// Removes a user from a manual bucket; false when they were not in it.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_remove_member(
    bucket_id: Option<&str>,
    user_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    change(bucket_id, vec![require_user(user_id)], Wanted::Out, fcinfo) > 0
}

/// Removes users from a manual bucket; returns how many were in it.
#[pg_extern(security_definer, name = "hogsend_remove_member")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_remove_members(
    bucket_id: Option<&str>,
    user_ids: Option<Array<&str>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    change(bucket_id, borrowed(&user_ids), Wanted::Out, fcinfo)
}

/// What somebody asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    In { silent: bool },
    Out,
}

fn adding(silent: Option<bool>) -> Wanted {
    let Some(silent) = silent else {
        Refusal::null("silent")
            .detail("It is true or false.")
            .hint("Leave it out for false.")
            .raise()
    };
    Wanted::In { silent }
}

/// They stay where they are: a list may be as long as what a list takes otherwise allows.
fn borrowed<'b>(users: &'b Option<Array<'_, &'_ str>>) -> Vec<&'b str> {
    let users = users.iter().flat_map(Array::iter);
    users.map(require_user).collect()
}

fn change(
    bucket_id: Option<&str>,
    mut users: Vec<&str>,
    wanted: Wanted,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    users.sort_unstable();
    users.dedup();
    let registry = registry::for_writing(&context);
    let number = manual_bucket(&context, &registry, bucket_id);
    Session::write(&context, |session| {
        let mut change = Change {
            session,
            registry: &registry,
            number,
            wanted,
            outbox: Outbox::default(),
        };
        let met = change.aliases_among(&users);
        let users = aliases::replace_each(users, &met);
        let moved = match wanted {
            Wanted::Out => change.look_at(&users, &Marks::default()),
            Wanted::In { .. } => {
                users.iter().for_each(|user| contacts::check_name(user));
                change.add(&users, Marks::default(), aliases::ROUNDS)
            }
        };
        change.outbox.send();
        moved
    })
}

/// A call under way. A list may have very many users: what it keeps of each is where the id stands, and whether they
/// were made known by it.
struct Change<'a> {
    session: &'a Session<'a>,
    registry: &'a Registry,
    number: BucketNo,
    wanted: Wanted,
    outbox: Outbox,
}

impl Change<'_> {
    fn aliases_among(&self, users: &[&str]) -> Vec<Pair> {
        let mut met: Vec<Pair> = Vec::new();
        for users in users.chunks(PASS) {
            let session = self.session;
            session.nested(|session| met.extend(contacts::aliases_among(session, users)));
        }
        met
    }

    /// Adds users, some of whom were `created` for it already. Whoever is added is known from then on, and other
    /// buckets may have to do with them. Whoever turns out to be somebody's alias is looked up anew, and whom an
    /// erasure takes while we wait for it is created again; a few times.
    fn add(&mut self, users: &[&str], mut created: Marks, rounds: usize) -> i64 {
        let met = self.introduce(users, &mut created);
        if met.is_empty() || rounds <= 1 {
            return self.look_at(users, &created);
        }
        let others = aliases::replace_each(users.to_vec(), &met);
        let mut marks = Marks::default();
        for (place, user) in others.iter().enumerate() {
            if users
                .binary_search(user)
                .is_ok_and(|before| created.has(before))
            {
                marks.set(place);
            }
        }
        self.add(&others, marks, rounds - 1)
    }

    /// Makes users known, and locks them. Returns aliases among them, if there are any; then others may not be
    /// locked yet.
    fn introduce(&self, users: &[&str], created: &mut Marks) -> Vec<Pair> {
        let mut met: Vec<Pair> = Vec::new();
        let mut each = |make: fn(&Session, &[&str]) -> Made| {
            for (part, names) in users.chunks(PASS).enumerate() {
                pgrx::check_for_interrupts!();
                let made = self.session.nested(|session| make(session, names));
                for user in &made.created {
                    if let Ok(place) = names.binary_search(&user.as_str()) {
                        created.set(part * PASS + place);
                    }
                }
                met.extend(made.aliases);
            }
            met.is_empty()
        };
        if each(contacts::create_missing) {
            each(|session, users| contacts::lock_or_create(session, users, &[]).1);
        }
        met
    }

    /// Moves those who are to be moved; returns how many were.
    fn look_at(&mut self, users: &[&str], created: &Marks) -> i64 {
        let mut moved = 0;
        for (part, users) in users.chunks(PASS).enumerate() {
            pgrx::check_for_interrupts!();
            let is_new = |place: usize| created.has(part * PASS + place);
            let (registry, outbox) = (self.registry, &mut self.outbox);
            let muted = self.wanted == Wanted::In { silent: true };
            let is_in = self.wanted != Wanted::Out;
            let number = self.number;
            moved += self.session.nested(|session| {
                let pipeline = Pipeline::new(session, registry);
                let appeared = users.iter().enumerate().filter(|(place, _)| is_new(*place));
                let mut appeared: Vec<Subject> = appeared
                    .map(|(_, user)| {
                        let mut subject = Subject::of_statement(user);
                        subject.appears();
                        subject.muted = muted;
                        subject
                    })
                    .collect();
                if !appeared.is_empty() {
                    pipeline.welcome(&mut appeared, run::DATA, outbox);
                }
                let mut subjects: Vec<Subject> = users
                    .iter()
                    .map(|user| {
                        // Nothing else changes of them.
                        let mut subject = Subject::of_statement(user);
                        subject.buckets.insert(number);
                        subject.wanted = Some(is_in);
                        subject.muted = muted;
                        subject
                    })
                    .collect();
                let tally = pipeline.run(&mut subjects, run::MANUAL, outbox).of_asked();
                if is_in { tally.entered } else { tally.left }
            });
        }
        moved
    }
}

/// Places in a list that are marked.
#[derive(Default)]
struct Marks(Vec<u64>);

impl Marks {
    fn set(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (place % 64);
    }

    fn has(&self, place: usize) -> bool {
        let word = self.0.get(place / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

fn require_user(user: Option<&str>) -> &str {
    user.unwrap_or_else(|| {
        Refusal::null("user_id")
            .detail("Membership is a user's.")
            .hint("Leave NULL out.")
            .raise()
    })
}

fn manual_bucket(context: &Context, registry: &Registry, bucket_id: Option<&str>) -> BucketNo {
    let bucket_id = bucket_id.unwrap_or_else(|| unknown_bucket("NULL").raise());
    let Some(number) = registry.by_id(bucket_id) else {
        // As of now, not of when we began to wait for the definition.
        if Session::write(context, |session| {
            definitions::is_defined(session, bucket_id)
        }) {
            let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
            Refusal::new(state, format!("bucket \"{bucket_id}\" is disabled"))
                .detail("A disabled bucket keeps its members as they are.")
                .hint(format!(
                    "UPDATE buckets SET enabled = true WHERE id = '{bucket_id}' first."
                ))
                .raise()
        }
        unknown_bucket(bucket_id).raise()
    };
    if registry.bucket(number).by_query {
        Refusal::invalid(format!("bucket \"{bucket_id}\" is not kept by hand"))
            .detail("It is of kind 'query': its members are those whom its query returns.")
            .hint("Change what the query reads, or the query; hogsend_refresh(bucket_id) brings the members in line.")
            .raise()
    }
    if registry.bucket(number).criteria.is_some() {
        Refusal::invalid(format!("bucket \"{bucket_id}\" is not kept by hand"))
            .detail("It is of kind 'dynamic': its members follow its criteria.")
            .hint("Change the events or properties that the criteria ask for, or define a bucket of kind 'manual'.")
            .raise()
    }
    number
}
