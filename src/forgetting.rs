//! Until when events must be kept for a bucket.

use hogsend_core::criteria::Lasting;
use hogsend_core::time::Instant;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::language;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::store::definitions::{self, Written};
use crate::store::refreshes;

/// All events before the instant may be deleted without changing who is in the bucket, now or later:
/// infinity where events are nothing to it, and minus infinity, with the reason, where all of them may
/// matter. So the least of several buckets' instants holds for all of them.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_may_forget(
    bucket_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(before, TimestampWithTimeZone),
        name!(reason, Option<String>),
    ),
> {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let bucket_id = bucket_id.unwrap_or_else(|| unknown_bucket("NULL").raise());
    let (before, reason) = Session::read(&context, |session| {
        let written = definitions::criteria_of(session, bucket_id);
        if matches!(written, Written::Nothing) {
            unknown_bucket(bucket_id).raise();
        }
        if refreshes::of(session, bucket_id).is_some() {
            let reason = "it follows a query, which may read any of them";
            return (Instant::NEG_INFINITY, Some(reason.to_owned()));
        }
        match written {
            Written::Criteria(text) => of_criteria(bucket_id, &text, clock::now()),
            Written::NoCriteria | Written::Nothing => {
                let reason = "its members are those whom somebody added";
                (Instant::INFINITY, Some(reason.to_owned()))
            }
        }
    });
    let before = TimestampWithTimeZone::try_from(before.0).unwrap_or_else(|_| {
        Refusal::invalid("the instant is not in the calendar")
            .detail("A window reaches back beyond the year 4713 BC.")
            .hint("Nothing may be forgotten.")
            .raise()
    });
    TableIterator::once((before, reason))
}

fn of_criteria(bucket_id: &str, text: &str, now: Instant) -> (Instant, Option<String>) {
    let Ok(criteria) = language::parse(text) else {
        Refusal::invalid(format!(
            "the criteria of bucket \"{bucket_id}\" cannot be read"
        ))
        .hint("SELECT * FROM hogsend_validate(criteria) lists the problems.")
        .raise()
    };
    match criteria.forgettable_before(now) {
        Ok(before) => (before, None),
        Err(Lasting::Leg(leg)) => (
            Instant::NEG_INFINITY,
            Some(format!("it asks about all of the past: {leg}")),
        ),
        Err(Lasting::Involvement) => (
            Instant::NEG_INFINITY,
            Some("whoever once did one of its events belongs to it, or may, without having done anything lately".into()),
        ),
    }
}
