//! What the clock does, and what was left to it.

use super::{END_JOBS, Steps};

/// What has come due, and what somebody queued.
pub fn turns(steps: &mut Steps) {
    steps.add(0, "SET hogsend.evaluate = off");
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}q' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 500) n",
    );
    steps.add(0, "RESET hogsend.evaluate");
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(0, "SET hogsend.evaluate = off");
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}q1', 'buy', '{now}')",
    );
    steps.add(0, "RESET hogsend.evaluate");
    steps.add(1, "SELECT hogsend_reconcile()");
    steps.add(1, "SELECT hogsend_reconcile()");
    steps.add(0, "SET hogsend.now = '2026-01-20 15:00+00'");
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(
        1,
        "INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('nobody', 'buyer', '{now}')",
    );
    steps.add(10, "SELECT hogsend_reconcile()");
    // Or one would review a bucket that many have just left, and pass over those in the index.
    steps.add(0, END_JOBS);
    steps.add(0, "SET hogsend.now = '2026-01-24 15:00+00'");
    steps.add(0, "SET test.fails = 'buyer {u}m450left'");
    steps.add(6000, "SELECT hogsend_reconcile(1000)");
    steps.add(6000, "SELECT hogsend_reconcile()");
    steps.add(0, "RESET test.fails");
    steps.add(0, "SET hogsend.now = '{now}'");
    // The clock was ahead: everybody is to be looked at again, and runs are dated anew.
    steps.add(
        0,
        "INSERT INTO journey_runs (user_id, journey_id, entry_count, status, started_at, since, ended_at)
         SELECT c.user_id, 'ahead', 1, 'completed', ahead, ahead, ahead
         FROM (SELECT user_id FROM contacts WHERE user_id LIKE '{u}%' ORDER BY user_id LIMIT 3) c,
              (SELECT '{now}'::timestamptz + '1 day'::interval AS ahead) a",
    );
    steps.add(0, END_JOBS);
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(0, END_JOBS);
    // The server's time zones are others than those that were seen last.
    steps.add(
        0,
        "INSERT INTO buckets (id, criteria) VALUES ('zoned', hogsend_event('zoned', since => '2026-01-01', zone => 'Europe/Berlin'))",
    );
    steps.add(
        0,
        "UPDATE hogsend_clock SET zone_rules = 'others', zones_seen_at = NULL, reconciled_at = NULL",
    );
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(0, END_JOBS);
    steps.add(0, "DELETE FROM buckets WHERE id = 'zoned'");
}

/// What statements leave to the clock under `hogsend.evaluate = later`.
pub fn queue(steps: &mut Steps) {
    steps.add(0, END_JOBS);
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(0, END_JOBS);
    steps.add(0, "SET hogsend.evaluate = later");
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('{u}q2', 'nothing', '{\"plan\": \"pro\"}')",
    );
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT '{u}m' || n, 'buy', '{now}'::timestamptz, '{\"plan\": \"pro\"}' FROM generate_series(7, 506) n",
    );
    steps.add(
        200,
        "INSERT INTO user_events (user_id, event, occurred_at, value)
         SELECT '{u}m' || n, 'order', '{now}', 70 FROM generate_series(7, 206) n",
    );
    // Of somebody who is gone when the clock comes.
    steps.add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}m910'",
    );
    steps.add(
        0,
        "SET session_replication_role = replica; DELETE FROM contacts WHERE user_id = '{u}m910'; RESET session_replication_role",
    );
    steps.add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"pro\"}' WHERE user_id = '{u}1'",
    );
    steps.add(15000, "SELECT * FROM hogsend_verify('pro')");
    steps.add(0, "RESET hogsend.evaluate");
    // Patches that have waited are overtaken.
    steps.add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}q2'",
    );
    steps.add(
        100,
        "INSERT INTO user_events (user_id, event) SELECT '{u}m' || n, 'nothing' FROM generate_series(7, 106) n",
    );
    steps.add(0, "SET test.fails = 'pro {u}m450active'");
    steps.add(2500, "SELECT hogsend_reconcile()");
    steps.add(0, "RESET test.fails");
    steps.add(
        1,
        "INSERT INTO contacts (user_id, email) VALUES ('{u}e', ' {u}@EXAMPLE.com ')",
    );
}
