//! Buckets that name others: filled one after the other, moved in the same pass, asked for other times.

use super::Steps;

pub fn buckets(steps: &mut Steps) {
    steps.add(0, "SET hogsend.inline_backfill = 0");
    steps.add(
        15000,
        "INSERT INTO buckets (id, criteria) VALUES ('named', hogsend_event('nest'))",
    );
    // It waits for the other one, and for nothing else.
    steps.add(0, "SET hogsend.inline_backfill = 1000000");
    steps.add(
        15000,
        "INSERT INTO buckets (id, criteria) VALUES ('naming', hogsend_in_bucket('named', '1 hour'))",
    );
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}m1401', 'nest', '{now}')",
    );
    steps.add(15000, "CALL hogsend_backfill('naming')");
    steps.add(0, "RESET hogsend.inline_backfill");
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}m' || n, 'nest', '{now}'::timestamptz FROM generate_series(1001, 1500) n",
    );
    steps.add(
        1,
        "SELECT hogsend_matches('naming', '{u}m1401', '2026-01-19 12:00+00'), hogsend_matches('naming', '{u}m1401', '2026-01-25 12:00+00')",
    );
    steps.add(
        1,
        "SELECT count(*) FROM hogsend_explain('naming', '{u}m1401')",
    );
    steps.add(
        1,
        "SELECT count(*) FROM hogsend_validate(hogsend_in_bucket('nobody'))",
    );
    // Those who have been in long enough come into the outer one; the inner one has nothing that is due.
    steps.add(0, "SET hogsend.now = '2026-01-20 14:00+00'");
    steps.add(4000, "SELECT hogsend_reconcile()");
    steps.add(0, "SET hogsend.now = '{now}'");
    steps.add(3000, "DELETE FROM buckets WHERE id IN ('named', 'naming')");
}
