//! What series come to, as it is kept, added to, dropped and held against the events.

use super::Steps;

pub fn totals(steps: &mut Steps) {
    steps.add(0, "SET hogsend.test_totals = 1");
    let order = "INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('{u}1', 'order', '{now}', 70)";
    let many = "INSERT INTO user_events (user_id, event, occurred_at, value)
         SELECT '{u}m' || n, 'order', '{now}', 70 FROM generate_series(7, 506) n";
    // Kept, added to, and a few of them.
    steps.add(4, order);
    steps.add(4, order);
    steps.add(
        12,
        &format!("{order}, ('{{u}}2', 'order', '{{now}}', 70), ('{{u}}3', 'order', '{{now}}', 70)"),
    );
    steps.add(
        12,
        &format!("{order}, ('{{u}}2', 'order', '{{now}}', 70), ('{{u}}3', 'order', '{{now}}', 70)"),
    );
    steps.add(2000, many);
    steps.add(2000, many);
    steps.add(
        4,
        "UPDATE user_events SET value = 71 WHERE user_id = '{u}1' AND event = 'order'",
    );
    steps.add(4, order);
    // Somebody else waits for the clock.
    steps.add(0, "SET hogsend.evaluate = later");
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('{u}4', 'order', '{now}', 70)",
    );
    steps.add(0, "RESET hogsend.evaluate");
    steps.add(
        12,
        &format!("{order}, ('{{u}}2', 'order', '{{now}}', 70), ('{{u}}3', 'order', '{{now}}', 70)"),
    );
    steps.add(100, "SELECT hogsend_reconcile()");
    steps.add(60000, "SELECT * FROM hogsend_verify('spent')");
    // What nobody asks for any more goes with the clock.
    steps.add(
        15000,
        "INSERT INTO buckets (id, criteria) VALUES ('sold', hogsend_sum('sell', at_least => 1000000))",
    );
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at, value)
         SELECT '{u}m' || n, 'sell', '{now}', 70 FROM generate_series(7, 506) n",
    );
    steps.add(600, "DELETE FROM buckets WHERE id = 'sold'");
    steps.add(600, "SELECT hogsend_reconcile()");
    steps.add(0, "RESET hogsend.test_totals");
}
