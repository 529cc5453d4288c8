//! Query buckets: membership follows what a query returns, for whatever criteria cannot say.
//!
//! run the query as who defined it → put its users aside → compare them with the members → look at
//! those who are to join or leave, through the same pipeline as everything else. It is level-triggered:
//! whatever was missed is found by the next refresh.

mod author;
mod defined;
mod merge;
mod names;
mod refresh;
mod run;
mod verify;

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::delivery::Outbox;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pg::{clock, role, settings};
use crate::pipeline::Tally;
use crate::registry::{self, Registry};
use crate::store::aliases;
use crate::store::definitions;
use crate::store::refreshes::{self, Refresh};

pub use crate::pg::guard::Failure;
use crate::pg::guard::Guard;
use crate::pg::spool::Spool;
pub use defined::{on_delete, on_insert, on_update};
pub use verify::differences;

/// For how long one call of the clock begins with further buckets.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

/// What a refresh did, for those who called it.
#[derive(Default)]
pub struct Moved {
    pub tally: Tally,
    /// In other buckets, of those whom the query made known.
    pub elsewhere: Tally,
    pub outbox: Outbox,
}

/// Refreshes what is due, if nobody else does. Those that fail are put off, with the reason.
pub fn refresh_due(context: &Context, registry: &Registry) -> Moved {
    let mut moved = Moved::default();
    let begun = std::time::Instant::now();
    while registry.has_queries && begun.elapsed() < PATIENCE {
        pgrx::check_for_interrupts!();
        let next = Session::write(context, |s| refreshes::next(s, clock::now()));
        let Some(next) = next else { break };
        if let Ok(part) = contained(context, registry, &next, false) {
            moved.tally.add(part.tally);
            moved.elsewhere.add(part.elsewhere);
            moved.outbox.absorb(part.outbox);
        }
    }
    moved
}

/// Whether the clock has a bucket to refresh.
pub fn is_due(session: &Session, registry: &Registry) -> bool {
    registry.has_queries && refreshes::is_due(session, clock::now())
}

/// Refreshes a bucket whose state is locked, or writes down why it cannot be.
fn contained(
    context: &Context,
    registry: &Registry,
    bucket: &Refresh,
    waits: bool,
) -> Result<Moved, String> {
    let result = attempt(|| refresh::refresh(context, registry, bucket, waits));
    result.and_then(|result| result).inspect_err(|error| {
        Refusal::new(
            PgSqlErrorCode::ERRCODE_WARNING,
            format!("bucket \"{}\" could not be refreshed", bucket.bucket),
        )
        .detail(error.clone())
        .hint("Its members stay as they are. It will be tried again; bucket_refreshes.error keeps the reason.")
        .warn();
        Session::write(context, |session| {
            refreshes::fail(session, &bucket.bucket, error, clock::now());
        });
    })
}

/// Brings the members of a query bucket in line with its query now; waits for whoever does so
/// already, and for users who are locked.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_refresh(
    bucket_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(entered, i64),
        name!(left, i64),
        name!(error, Option<String>),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let registry = registry::for_writing(&context);
    let bucket_id = bucket_id.unwrap_or_else(|| unknown_bucket("NULL").raise());
    let bucket = Session::write(&context, |session| {
        if !definitions::is_defined(session, bucket_id) {
            unknown_bucket(bucket_id).raise();
        }
        let bucket = refreshes::lock(session, bucket_id);
        bucket.unwrap_or_else(|| follows_no_query(bucket_id).raise())
    });
    if registry.by_id(bucket_id).is_none() {
        let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
        Refusal::new(state, format!("bucket \"{bucket_id}\" is disabled"))
            .detail("A disabled bucket keeps its members as they are.")
            .hint(format!(
                "UPDATE buckets SET enabled = true WHERE id = '{bucket_id}' first."
            ))
            .raise()
    }
    let row = match contained(&context, &registry, &bucket, true) {
        Ok(moved) => {
            moved.outbox.send();
            (moved.tally.entered, moved.tally.left, None)
        }
        Err(error) => (0, 0, Some(error)),
    };
    TableIterator::once(row)
}

fn follows_no_query(bucket_id: &str) -> Refusal {
    Refusal::invalid(format!("bucket \"{bucket_id}\" follows no query"))
        .detail("Only a bucket of kind 'query' is refreshed.")
        .hint("hogsend_reconcile() does what is due for the others.")
}

/// Runs something about a bucket's query with the rights that it has.
///
/// # Errors
///
/// Why the query cannot be run, or what it raised.
fn as_author<R>(
    context: &Context,
    bucket: &Refresh,
    work: impl FnOnce(&str) -> R,
) -> Result<R, Failure> {
    let failure = |message: String, detail: String| Failure {
        message,
        detail: Some(detail),
        hint: Some(
            "SET ROLE to the role whose rights it is to have, and define the query anew.".into(),
        ),
    };
    let name = &bucket.role_name;
    let author = bucket.role.filter(|role| role::name_of(*role).is_some());
    let Some(author) = author else {
        return Err(failure(
            format!("role \"{name}\", which defined the query, does not exist any more"),
            "A query runs with the rights of the role that defined it.".into(),
        ));
    };
    if let Err(owner) = may_be_run(context, author) {
        return Err(failure(
            format!("the query must not run as role \"{name}\""),
            format!(
                "Who owns the tables could write any query, and \"{owner}\" is no member of that role."
            ),
        ));
    }
    let guard = Guard {
        role: author,
        search_path: &bucket.search_path,
        time_limit: settings::query_timeout(),
    };
    guard.run(|| work(&bucket.query))
}

/// Whose rights the tables say a query has is their owner's to write, so it may be nobody's whom the
/// owner could not become anyway.
///
/// # Errors
///
/// The owner's name.
fn may_be_run(context: &Context, author: pg_sys::Oid) -> Result<(), String> {
    for table in [c"buckets", c"bucket_refreshes"] {
        let owner = role::owner_of_table(context.table(table));
        if !role::may_become(owner, author) {
            return Err(role::name_of(owner).unwrap_or_default());
        }
    }
    Ok(())
}

/// Who is to be a member, in byte order: as of now, or as the calling query sees it. Who is returned under
/// another id is returned.
///
/// # Errors
///
/// As [`as_author`].
fn members(context: &Context, bucket: &Refresh, now: bool) -> Result<Spool, Failure> {
    let spool = Spool::of_users();
    match as_author(context, bucket, |query| run::members(query, &spool, now)) {
        Ok(()) => Ok(names::resolve(context, spool, now)),
        Err(failure) => {
            spool.close();
            Err(failure)
        }
    }
}

/// Whether a bucket's query returns the user now, under whatever id. Raises what it raises.
pub fn is_returned(context: &Context, bucket: &Refresh, user: &str) -> bool {
    match returned(context, bucket, user) {
        Ok(is_returned) => is_returned,
        Err(failure) => failure.of(&bucket.bucket).raise(),
    }
}

/// The same, or the error that it raises.
pub fn returns(context: &Context, bucket: &Refresh, user: &str) -> Result<bool, String> {
    returned(context, bucket, user).map_err(|f| f.message)
}

fn returned(context: &Context, bucket: &Refresh, user: &str) -> Result<bool, Failure> {
    let aliases = Session::read(context, |session| aliases::of_user(session, user));
    as_author(context, bucket, |query| {
        let mut names = std::iter::once(user).chain(aliases.iter().map(String::as_str));
        names.any(|name| run::returns(query, name))
    })
}
