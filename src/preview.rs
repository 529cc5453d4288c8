//! What a definition would do, before it is made.

use std::collections::BTreeMap;

use hogsend_core::criteria::Criteria;
use hogsend_core::stay::Change;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::language;
use crate::nesting;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::pipeline::run;
use crate::registry::{Bucket, Registry};
use crate::store::definitions;
use crate::survey::{Sample, survey};

/// What hogsend_preview() asks: how many users match criteria now, and some of them.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_preview_text(
    criteria: &str,
    sample: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<'static, (name!(matches, i64), name!(sample, Vec<String>))> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let mut found = Sample::of_size(sample);
    // No bucket has this id, so nobody has been in it.
    let criteria = parse(criteria);
    Session::read(&context, |session| {
        nesting::require_named(session, None, &criteria)
    });
    let registry = Registry::of_one("", criteria);
    survey(
        &context,
        &registry,
        run::TRIAL,
        clock::now(),
        |_, judged| {
            if let Some(Change::Join { .. }) = judged.decision.change {
                found.add(judged.user);
            }
        },
    );
    TableIterator::once((found.count, found.users))
}

/// What hogsend_preview_change() asks: who would join and who would leave if the criteria of a
/// bucket were these, and how many would do so in buckets that name it.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::type_complexity)]
fn hogsend_preview_change_of(
    bucket_id: Option<&str>,
    criteria: &str,
    sample: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(joins, i64),
        name!(leaves, i64),
        name!(joins_sample, Vec<String>),
        name!(leaves_sample, Vec<String>),
        name!(dependants, String),
    ),
> {
    let change = change(bucket_id, criteria, sample, fcinfo);
    let (joins, leaves) = (change.joins, change.leaves);
    let dependants = change.dependants.into_iter().map(|(id, [joins, leaves])| {
        let moves = serde_json::json!({"joins": joins, "leaves": leaves});
        (id, moves)
    });
    let dependants = serde_json::Value::Object(dependants.collect()).to_string();
    TableIterator::once((
        joins.count,
        leaves.count,
        joins.users,
        leaves.users,
        dependants,
    ))
}

/// As 0.2.0 called it, whose scripts name this symbol.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn hogsend_preview_change_text(
    bucket_id: Option<&str>,
    criteria: &str,
    sample: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(joins, i64),
        name!(leaves, i64),
        name!(joins_sample, Vec<String>),
        name!(leaves_sample, Vec<String>),
    ),
> {
    let Effect { joins, leaves, .. } = change(bucket_id, criteria, sample, fcinfo);
    TableIterator::once((joins.count, leaves.count, joins.users, leaves.users))
}

/// What a change of criteria would do.
struct Effect {
    joins: Sample,
    leaves: Sample,
    /// How many would join each bucket that names it, and leave it.
    dependants: BTreeMap<String, [i64; 2]>,
}

fn change(
    bucket_id: Option<&str>,
    criteria: &str,
    sample: Option<i32>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Effect {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let (mut joins, mut leaves) = (Sample::of_size(sample), Sample::of_size(sample));
    let mut dependants: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    let criteria = parse(criteria);
    let bucket_id = bucket_id.unwrap_or_else(|| unknown_bucket("NULL").raise());
    let (bucket, others) = Session::read(&context, |session| {
        let bucket = definitions::one(session, bucket_id);
        let bucket = bucket.unwrap_or_else(|| unknown_bucket(bucket_id).raise());
        nesting::require_possible(session, bucket_id, &criteria);
        let mut others = definitions::enabled_of(session, &[bucket_id]);
        others.retain(|other| other.id != bucket_id);
        (bucket, others)
    });
    let Some(present) = &bucket.criteria else {
        Refusal::invalid(format!("bucket \"{bucket_id}\" has no criteria"))
            .detail(if bucket.by_query {
                "It is of kind 'query'."
            } else {
                "It is of kind 'manual'."
            })
            .hint("hogsend_preview(criteria) tells who would be in a dynamic bucket.")
            .raise()
    };
    // Another spelling of the same criteria is no change, and nobody is looked at.
    if present.canonical() != criteria.canonical() {
        let changed = Bucket {
            criteria: Some(criteria),
            job: None,
            ..bucket
        };
        let others = others
            .into_iter()
            .map(|other| Bucket { job: None, ..other });
        // Whatever names it comes after it, so that it is the first.
        let registry = Registry::of_buckets(Some(changed).into_iter().chain(others));
        survey(
            &context,
            &registry,
            run::TRIAL,
            clock::now(),
            |_, judged| {
                let Some(change) = judged.decision.change else {
                    return;
                };
                let place = usize::from(matches!(change, Change::Leave { .. }));
                match (judged.bucket.id == bucket_id, place) {
                    (true, 0) => joins.add(judged.user),
                    (true, _) => leaves.add(judged.user),
                    (false, _) => {
                        let moves = dependants.entry(judged.bucket.id.clone()).or_default();
                        moves[place] += 1;
                    }
                }
            },
        );
    }
    Effect {
        joins,
        leaves,
        dependants,
    }
}

/// Criteria, or the error that defining them would raise.
fn parse(criteria: &str) -> Criteria {
    language::parse(criteria).unwrap_or_else(|problems| {
        let more = problems.len().saturating_sub(1);
        let more = match more {
            0 => String::new(),
            1 => " 1 more problem was found; hogsend_validate(criteria) lists all.".into(),
            n => format!(" {n} more problems were found; hogsend_validate(criteria) lists all."),
        };
        match problems.into_iter().next() {
            Some(problem) => Refusal::invalid(problem.message)
                .detail(format!("At {} of the criteria.{more}", problem.path))
                .hint(problem.hint)
                .raise(),
            None => Refusal::invalid("the criteria cannot be read").raise(),
        }
    })
}
