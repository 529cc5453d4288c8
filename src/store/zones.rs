//! What table `hogsend_clock` keeps of the server's time zones.
//!
//! Governments change their clocks, and a newer database of zones comes with an update of the system. Timers that
//! were set by the old rules are wrong then, by an hour mostly; so the clock compares now and then, and has everybody
//! looked at again in each bucket whose criteria name a zone.

use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::zones;

/// To read all zones takes a twentieth of a second.
const EVERY: Span = Span::HOUR;

static SEEN: Statement = Statement::new(
    "SELECT c.zone_rules, c.zones_seen_at FROM {s}.hogsend_clock c",
    &[],
);
static IS_USED: Statement = Statement::new(
    "SELECT EXISTS (SELECT FROM {s}.buckets b WHERE b.enabled AND b.criteria::text LIKE '%\"zone\":%')",
    &[],
);
static NOTE: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET zone_rules = coalesce($1, zone_rules), zones_seen_at = $2",
    &[pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);
/// An open job begins anew, and remains what it is.
static REVIEW: Statement = Statement::new(
    "WITH named AS (
         SELECT b.id FROM {s}.buckets b WHERE b.enabled AND b.criteria::text LIKE '%\"zone\":%'
     ), again AS (
         UPDATE {s}.bucket_jobs j
         SET status = 'pending', announces = j.announces OR j.mode = 'review', reached = NULL, processed = 0, total = NULL,
             error = NULL, finished_at = NULL, moved_at = $1
         FROM named n WHERE n.id = j.bucket_id AND j.status <> 'done'
         RETURNING j.bucket_id
     )
     INSERT INTO {s}.bucket_jobs (bucket_id, mode, announces, moved_at)
     SELECT n.id, 'review', true, $1 FROM named n
     WHERE n.id NOT IN (SELECT a.bucket_id FROM again a)",
    &[pg_sys::TIMESTAMPTZOID],
);

/// Compares the zones with those that were seen last, if that was some time ago, and begins to review what goes by
/// them; says whether it has. To be called by the clock, while it has its own table to itself.
pub fn compare(session: &Session, now: Instant) -> bool {
    let seen = session.execute(&SEEN, &[]);
    let is_recent = |at: Instant| (0..EVERY.0).contains(&now.since(at).0);
    if seen.instant(0, 2).is_some_and(is_recent) {
        return false;
    }
    let is_used = session.execute(&IS_USED, &[]).bool(0, 1) == Some(true);
    let known = seen.text(0, 1);
    // Whoever defines the first bucket with a zone does so by the rules of that day.
    let rules = is_used.then(zones::rules);
    let is_other = rules.is_some() && known.is_some() && rules.as_deref() != known;
    let begun = is_other && session.execute(&REVIEW, &[Arg::Instant(now)]).processed > 0;
    let noted = Arg::OptText(rules.as_deref());
    session.execute(&NOTE, &[noted, Arg::Instant(now)]);
    begun
}
