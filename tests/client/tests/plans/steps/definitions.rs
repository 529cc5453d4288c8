//! Definitions, their jobs, and buckets that follow a query.

use super::Steps;

/// Buckets that come, change and go, at once or by a job.
pub fn jobs(steps: &mut Steps) {
    steps.add(
        15000,
        "INSERT INTO buckets (id, criteria) VALUES ('rare', hogsend_event('sell', within => '30 days'))",
    );
    steps.add(
        15000,
        "UPDATE buckets SET criteria = hogsend_event('sell', within => '20 days') WHERE id = 'rare'",
    );
    steps.add(
        15000,
        "UPDATE buckets SET max_dwell = '10 days' WHERE id = 'rare'",
    );
    steps.add(300, "DELETE FROM buckets WHERE id = 'rare'");
    steps.add(0, "SET hogsend.inline_backfill = 0");
    steps.add(
        10,
        "SELECT hogsend_define_bucket('later', hogsend_all(hogsend_event('buy', within => '30 days'), hogsend_property('plan', 'eq', 'pro')))",
    );
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}m1400', 'buy', '{now}')",
    );
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}m' || n, 'buy', '{now}'::timestamptz FROM generate_series(1001, 1500) n",
    );
    steps.add(
        1,
        "SELECT count(*) FROM hogsend_explain('later', '{u}m1400')",
    );
    steps.add(500, "SELECT hogsend_backfill_chunk('later', 500)");
    steps.add(15000, "SELECT hogsend_reconcile(1000)");
    // With one user: of more it would try each half, and pass over what it has taken back.
    steps.add(0, "SET test.fails = 'later running'");
    steps.add(10, "SELECT hogsend_reconcile(1)");
    steps.add(0, "SET test.fails = 'later {u}m701active'");
    steps.add(15000, "CALL hogsend_backfill('later')");
    steps.add(0, "RESET test.fails");
    steps.add(0, "RESET hogsend.inline_backfill");
    steps.add(3000, "DELETE FROM buckets WHERE id = 'later'");
}

/// A bucket that follows a query: somebody times out, and then the query returns nobody any more.
pub fn query(steps: &mut Steps) {
    steps.add(
        0,
        "CREATE TABLE asked_{u} AS SELECT '{u}m' || n AS id FROM generate_series(1001, 1500) n",
    );
    steps.add(
        1,
        "INSERT INTO buckets (id, kind, query, max_dwell) VALUES ('asked', 'query', 'SELECT id FROM asked_{u}', '1 hour')",
    );
    steps.add(1000, "SELECT * FROM hogsend_refresh('asked')");
    steps.add(
        1,
        "UPDATE buckets SET refresh_every = '12 hours' WHERE id = 'asked'",
    );
    steps.add(0, "SET hogsend.now = '2026-01-20 14:00+00'");
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(1000, "SELECT * FROM hogsend_refresh('asked')");
    steps.add(0, "DELETE FROM asked_{u}");
    steps.add(1000, "SELECT * FROM hogsend_refresh('asked')");
    steps.add(0, "DROP TABLE asked_{u}");
    steps.add(1, "SELECT * FROM hogsend_refresh('asked')");
    steps.add(1000, "DELETE FROM buckets WHERE id = 'asked'");
    steps.add(0, "SET hogsend.now = '{now}'");
}
