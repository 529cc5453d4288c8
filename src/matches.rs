//! Whether a user matches a bucket, asked at any time. Nothing is written or locked, so that it works on a
//! standby.

use hogsend_core::time::Instant;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::foresight;
use crate::language;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::{Refusal, unknown_bucket};
use crate::pg::sql::Session;
use crate::pipeline::{Subject, load_facts};
use crate::query;
use crate::registry::Registry;
use crate::store::definitions::{self, Written};
use crate::store::{contacts, refreshes};

/// Whether the user matches the bucket's criteria at an instant (default: now), computed from the
/// stored events and the contact, whatever the clock has done so far; and, of buckets that the criteria name, from how
/// the user stood with them then, or will stand if nothing but the clock moves. Of a query bucket: whether the
/// query returns the user now.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_matches(
    bucket_id: Option<&str>,
    user_id: Option<&str>,
    at: default!(Option<TimestampWithTimeZone>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> Option<bool> {
    let (bucket_id, user_id) = (bucket_id?, user_id?);
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let now = at.map_or_else(clock::now, |at| Instant(i64::from(at)));
    Session::read(&context, |session| {
        let user_id = contacts::user_of(session, user_id);
        let user_id = user_id.as_str();
        let written = definitions::criteria_of(session, bucket_id);
        if matches!(written, Written::Nothing) {
            unknown_bucket(bucket_id).raise();
        }
        if let Some(bucket) = refreshes::of(session, bucket_id) {
            if at.is_some() {
                Refusal::invalid(format!("bucket \"{bucket_id}\" follows a query"))
                    .detail("Whom it returns can only be asked now.")
                    .hint("Leave the third argument out.")
                    .raise()
            }
            let contacts = contacts::read(session, &[user_id], &[]);
            let is_deleted = contacts.get(user_id).is_some_and(|contact| contact.deleted);
            return Some(!is_deleted && query::is_returned(&context, &bucket, user_id));
        }
        let Written::Criteria(text) = written else {
            Refusal::invalid(format!("bucket \"{bucket_id}\" has no criteria"))
                .detail("It is of kind 'manual'.")
                .hint("hogsend_has(bucket_id, user_id) tells who is in it.")
                .raise()
        };
        let Ok(criteria) = language::parse(&text) else {
            Refusal::invalid(format!(
                "the criteria of bucket \"{bucket_id}\" cannot be read"
            ))
            .hint("SELECT * FROM hogsend_validate(criteria) lists the problems.")
            .raise()
        };
        let registry = Registry::of_one(bucket_id, criteria);
        let bucket = registry.bucket(registry.only());
        let keys = registry.properties.numbered();
        let contacts = contacts::read(session, &[user_id], &keys);
        if contacts.get(user_id).is_none_or(|contact| contact.deleted) {
            return Some(false);
        }
        let mut subject = Subject::new(user_id);
        subject.buckets.insert(registry.only());
        let mut known = load_facts(session, &registry, &[&subject], &contacts, None, now);
        let criteria = bucket.criteria.as_ref()?;
        let standing = foresight::memberships(session, criteria, user_id, now, clock::now());
        for (named, membership) in bucket.named.iter().zip(standing) {
            known[0].learn(*named, membership);
        }
        Some(criteria.evaluate(&known[0].of(bucket), now).truth)
    })
}
