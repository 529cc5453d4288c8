//! What is asked, and what is told.

use super::Steps;

/// Questions about members and criteria.
pub fn questions(steps: &mut Steps) {
    steps.add(
        1,
        "SELECT hogsend_has('buyer', '{u}1'), hogsend_matches('deep', '{u}3'), hogsend_matches('pro', '{u}m1400')",
    );
    steps.add(50, "SELECT * FROM hogsend_members('pro')");
    steps.add(1, "SELECT * FROM hogsend_explain('often', '{u}m1')");
    steps.add(15000, "SELECT * FROM hogsend_verify('buyer')");
    steps.add(
        15000,
        "SELECT hogsend_preview(hogsend_event('buy', within => '30 days', at_least => 100))",
    );
    steps.add(
        15000,
        "SELECT hogsend_preview_change('pro', hogsend_property('plan', 'eq', 'free'))",
    );
    steps.add(3000, "SELECT hogsend_count('pro')");
}

/// Consumers, and what is pruned when they have read it.
pub fn consumers(steps: &mut Steps) {
    steps.add(
        100,
        "SELECT hogsend_ack('runner', (SELECT max(batch) FROM hogsend_poll('runner')))",
    );
    steps.add(1, "SELECT hogsend_subscribe('{u}', shards => 2)");
    steps.add(
        1,
        "SELECT hogsend_poll('{u}'), hogsend_poll('{u}', shard => 1)",
    );
    steps.add(1, "SELECT hogsend_unsubscribe('{u}')");
    steps.add(1, "SELECT hogsend_unsubscribe('runner')");
    steps.add(0, "SET hogsend.now = '2026-02-24 15:00+00'");
    steps.add(0, "SET hogsend.retention = 1000");
    steps.add(10000, "SELECT hogsend_reconcile()");
    // Or the next would stop before those that are left.
    steps.add(0, "TRUNCATE bucket_transitions");
    // Nothing is left above what is gone.
    steps.add(10, "SELECT hogsend_reconcile(1)");
    steps.add(0, "RESET hogsend.retention");
    steps.add(0, "SET hogsend.now = '{now}'");
    steps.add(10, "SELECT hogsend_subscribe('runner')");
}
