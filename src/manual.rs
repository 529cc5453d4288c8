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
    change(bucket_id, vec![user_id], adding(silent), fcinfo) > 0
}

/// Adds users to a manual bucket, without a word if `silent`; returns how many were not in it.
#[pg_extern(security_definer, name = "hogsend_add_member")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_add_members_said(
    bucket_id: Option<&str>,
    user_ids: Option<Vec<Option<String>>>,
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
    change(bucket_id, vec![user_id], adding(Some(false)), fcinfo) > 0
}

/// The same of several users.
#[pg_extern(sql = false)]
fn hogsend_add_members(
    bucket_id: Option<&str>,
    user_ids: Option<Vec<Option<String>>>,
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
    change(bucket_id, vec![user_id], Wanted::Out, fcinfo) > 0
}

/// Removes users from a manual bucket; returns how many were in it.
#[pg_extern(security_definer, name = "hogsend_remove_member")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_remove_members(
    bucket_id: Option<&str>,
    user_ids: Option<Vec<Option<String>>>,
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

fn borrowed(users: &Option<Vec<Option<String>>>) -> Vec<Option<&str>> {
    users.iter().flatten().map(Option::as_deref).collect()
}

fn change(
    bucket_id: Option<&str>,
    users: Vec<Option<&str>>,
    wanted: Wanted,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let mut users: Vec<String> = users
        .into_iter()
        .map(|user| require_user(user).to_owned())
        .collect();
    users.sort_unstable();
    users.dedup();
    let registry = registry::for_writing(&context);
    let number = manual_bucket(&context, &registry, bucket_id);
    let muted = wanted == Wanted::In { silent: true };
    let wanted = wanted != Wanted::Out;
    Session::write(&context, |session| {
        let pipeline = Pipeline::new(session, &registry);
        let mut outbox = Outbox::default();
        users = contacts::resolve(session, users);
        if wanted {
            users.iter().for_each(|user| contacts::check_name(user));
            // Whoever is added is known from then on, and other buckets may have to do with them.
            let mut created: Vec<String> = Vec::new();
            // And whom an erasure takes while we wait for it is created again.
            for _ in 0..aliases::ROUNDS {
                let met = introduce(session, &users, &mut created);
                if met.is_empty() {
                    break;
                }
                users = aliases::replace(users, &met);
            }
            let mut appeared: Vec<Subject> = created
                .iter()
                .map(|user| {
                    let mut subject = Subject::of_statement(user);
                    subject.appears();
                    subject.muted = muted;
                    subject
                })
                .collect();
            appeared.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            pipeline.welcome(&mut appeared, run::DATA, &mut outbox);
        }
        let mut subjects: Vec<Subject> = users
            .iter()
            .map(|user| {
                let mut subject = Subject::new(user);
                subject.buckets.insert(number);
                subject.wanted = Some(wanted);
                subject.muted = muted;
                subject
            })
            .collect();
        let tally = pipeline.run(&mut subjects, run::MANUAL, &mut outbox);
        outbox.send();
        if wanted { tally.entered } else { tally.left }
    })
}

/// Makes users known, and locks them. Returns aliases among them, if there are any; then others may not be
/// locked yet.
fn introduce(session: &Session, users: &[String], created: &mut Vec<String>) -> Vec<Pair> {
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut met: Vec<Pair> = Vec::new();
    for users in users.chunks(PASS) {
        let made = contacts::create_missing(session, users);
        created.extend(made.created);
        met.extend(made.aliases);
    }
    if met.is_empty() {
        for users in users.chunks(PASS) {
            let made = contacts::lock_or_create(session, users, &[]).1;
            created.extend(made.created);
            met.extend(made.aliases);
        }
    }
    met
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
