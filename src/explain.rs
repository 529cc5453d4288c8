//! Why a user is in a bucket or not, and when that changes, in rows for people.

mod bearing;
mod deep_facts;
mod instant;

use hogsend_core::criteria::{Criteria, Finding, Precision};
use hogsend_core::time::Instant;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::foresight;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::query;
use crate::store::contacts;
use crate::store::definitions;
use crate::store::refreshes;
use bearing::Bearing;
pub use deep_facts::DeepFacts;
use instant::say;

/// So deep into what is named by what criteria name.
const INNER_DEPTH: usize = 3;

/// One thing to be said.
struct Row {
    path: String,
    condition: String,
    /// `None` where nothing is true or false.
    result: Option<bool>,
    observed: String,
    flips_at: Option<Instant>,
}

impl From<Finding> for Row {
    fn from(finding: Finding) -> Row {
        Row {
            path: finding.path,
            condition: finding.condition,
            result: Some(finding.result),
            observed: finding.observed,
            flips_at: finding.flips_at,
        }
    }
}

/// A row for each node of the bucket's criteria, judged at an instant (default: now), and rows for
/// whatever else decides about the membership now. Writes nothing and works on a standby.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)] // pgrx reads the columns off this very signature
fn hogsend_explain(
    bucket_id: Option<&str>,
    user_id: Option<&str>,
    at: default!(Option<TimestampWithTimeZone>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(path, String),
        name!(condition, String),
        name!(result, Option<bool>),
        name!(observed, String),
        name!(flips_at, Option<TimestampWithTimeZone>),
    ),
> {
    let mut rows = Vec::new();
    if let (Some(bucket_id), Some(user_id)) = (bucket_id, user_id) {
        let context = Context::of_call(fcinfo);
        context.require_tables();
        let at = at.map(|at| Instant(i64::from(at)));
        rows = Session::read(&context, |session| {
            let user_id = contacts::user_of(session, user_id);
            explain(&context, session, bucket_id, &user_id, at, INNER_DEPTH)
        });
    }
    TableIterator::new(rows.into_iter().map(|row| {
        let flips_at = row.flips_at.and_then(|at| at.0.try_into().ok());
        (row.path, row.condition, row.result, row.observed, flips_at)
    }))
}

fn explain(
    context: &Context,
    session: &Session,
    bucket_id: &str,
    user_id: &str,
    at: Option<Instant>,
    depth: usize,
) -> Vec<Row> {
    let Some(bucket) = definitions::one(session, bucket_id) else {
        if !definitions::is_defined(session, bucket_id) {
            unknown_bucket(bucket_id).raise();
        }
        Refusal::invalid(format!(
            "the criteria of bucket \"{bucket_id}\" cannot be read"
        ))
        .hint("SELECT * FROM hogsend_validate(criteria) lists the problems.")
        .raise()
    };
    let now = clock::now();
    let load = || {
        let criteria = bucket.criteria.as_ref();
        DeepFacts::load(session, criteria, user_id, now.min(at.unwrap_or(now)))
    };
    let known = load();
    let (mut rows, scope): (Vec<Row>, _) = match &bucket.criteria {
        Some(criteria) => {
            let then = at.filter(|_| !criteria.buckets().is_empty()).map(|at| {
                let then = foresight::memberships(session, criteria, user_id, at, now);
                load().with_memberships(then)
            });
            let then = then.as_ref().unwrap_or(&known);
            let told = criteria.explain(then, at.unwrap_or(now), &say);
            let nodes = told.nodes.into_iter().map(Row::from).collect();
            let below = |id: &str| match definitions::is_defined(session, id) {
                true => explain(context, session, id, user_id, at, depth - 1),
                false => Vec::new(),
            };
            let rows = if depth > 0 {
                with_inner(nodes, criteria, below)
            } else {
                nodes
            };
            (rows, told.out_of_scope)
        }
        None if bucket.by_query => (vec![followed(context, session, bucket_id, user_id)], None),
        None => (vec![kept_by_hand()], None),
    };
    let bearing = Bearing::load(session, &bucket, user_id, &known, now);
    rows.extend(bearing.rows(scope.map(Row::from)));
    rows
}

/// Puts what is to be said of each bucket that criteria name below the first leg that names it.
fn with_inner(nodes: Vec<Row>, criteria: &Criteria, below: impl Fn(&str) -> Vec<Row>) -> Vec<Row> {
    let named = criteria.bucket_paths();
    let mut rows: Vec<Row> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let leg = node.path.clone();
        rows.push(node);
        let inner = named.iter().find(|(path, _)| {
            let rest = path.strip_prefix(leg.as_str());
            rest == Some(".bucket")
        });
        if let Some((_, id)) = inner {
            rows.extend(below(id).into_iter().map(|row| Row {
                path: format!("{leg} > {id} {}", row.path),
                ..row
            }));
        }
    }
    rows
}

/// What the query of a bucket says of the user now, and when the bucket follows it.
fn followed(context: &Context, session: &Session, bucket_id: &str, user_id: &str) -> Row {
    let mut row = Row {
        path: "$".into(),
        condition: "returned by the query".into(),
        result: None,
        observed: "never refreshed".into(),
        flips_at: None,
    };
    let Some(bucket) = refreshes::of(session, bucket_id) else {
        return row;
    };
    row.condition
        .push_str(&format!(", run as {}", bucket.role_name));
    if let Some(at) = bucket.refreshed_at {
        row.observed = format!("last refreshed on {}", say(at, Precision::Second));
    }
    let next = say(bucket.due_at, Precision::Second);
    row.observed.push_str(&format!("; next on {next}"));
    if let Some(error) = &bucket.error {
        row.observed
            .push_str(&format!("; the last refresh failed: {error}"));
    }
    match query::returns(context, &bucket, user_id) {
        Ok(returned) => row.result = Some(returned),
        Err(error) => row.observed.push_str(&format!("; now it fails: {error}")),
    }
    row
}

fn kept_by_hand() -> Row {
    Row {
        path: "$".into(),
        condition: "kept by hand".into(),
        result: None,
        observed: "no criteria; who is in follows hogsend_add_member and hogsend_remove_member"
            .into(),
        flips_at: None,
    }
}
