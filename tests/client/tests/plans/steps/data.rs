//! Statements on events and contacts, and on buckets that are kept by hand.

use super::Steps;

/// Of one user.
pub fn of_one(steps: &mut Steps) {
    let buy =
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}1', 'buy', '{now}')";
    steps.add(1, buy);
    steps.add(1, buy);
    steps.add(
        3,
        &format!("{buy}, ('{{u}}1', 'buy', '{{now}}'), ('{{u}}1', 'buy', '{{now}}')"),
    );
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event) VALUES ('{u}2', 'nothing')",
    );
    steps.add(
        1,
        "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('{u}2', 'nothing', '{\"plan\": \"pro\"}')",
    );
    steps.add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}2'",
    );
    steps.add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"pro\"}' WHERE user_id = '{u}2'",
    );
    steps.add(
        1,
        "UPDATE contacts SET deleted_at = now() WHERE user_id = '{u}2'",
    );
    steps.add(
        1,
        "UPDATE contacts SET deleted_at = NULL WHERE user_id = '{u}2'",
    );
    steps.add(
        1,
        "SELECT hogsend_ingest('{u}3', 'buy', idempotency_key => 'k')",
    );
    steps.add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}3', 'buy', '{now}' FROM generate_series(1, 120)",
    );
    steps.add(
        1,
        "UPDATE user_events SET occurred_at = occurred_at - interval '1 day' WHERE user_id = '{u}1' AND event = 'buy'",
    );
    steps.add(
        1,
        "DELETE FROM user_events WHERE user_id = '{u}1' AND event = 'buy'",
    );
}

/// Of many at once.
pub fn of_many(steps: &mut Steps) {
    let many = "SELECT '{u}m' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 1000) n";
    steps.add(
        1000,
        &format!("INSERT INTO user_events (user_id, event, occurred_at) {many}"),
    );
    steps.add(
        1000,
        &format!("INSERT INTO user_events (user_id, event, occurred_at) {many}"),
    );
    steps.add(
        1000,
        "INSERT INTO user_events (user_id, event, contact_properties)
               SELECT '{u}m' || n, 'buy', '{\"plan\": \"pro\"}' FROM generate_series(501, 1500) n",
    );
    steps.add(
        1000,
        "INSERT INTO contacts (user_id, properties) SELECT '{u}c' || n, '{\"plan\": \"pro\"}' FROM generate_series(1, 1000) n",
    );
    steps.add(
        1000,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id LIKE '{u}c%'",
    );
    steps.add(
        1000,
        "UPDATE contacts SET deleted_at = now() WHERE user_id LIKE '{u}c%'",
    );
    steps.add(
        1000,
        "UPDATE contacts SET deleted_at = NULL WHERE user_id LIKE '{u}c%'",
    );
    steps.add(1000, "DELETE FROM contacts WHERE user_id LIKE '{u}c%'");
    steps.add(
        1000,
        "UPDATE user_events SET event = 'sell' WHERE user_id IN (SELECT '{u}m' || n FROM generate_series(1, 200) n)",
    );
    steps.add(
        1000,
        "DELETE FROM user_events WHERE user_id IN (SELECT '{u}m' || n FROM generate_series(201, 400) n)",
    );
    steps.add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}3', 'sell', '{now}' FROM generate_series(1, 120)",
    );
    steps.add(2, "DELETE FROM bucket_timers WHERE user_id = '{u}m420'");
    steps.add(15000, "SELECT * FROM hogsend_verify('buyer')");
}

/// Events of which more is asked than their names.
pub fn documents(steps: &mut Steps) {
    let order = "INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('{u}1', 'order', '{now}', 60)";
    steps.add(1, order);
    steps.add(1, order);
    steps.add(
        1000,
        "INSERT INTO user_events (user_id, event, occurred_at, value)
         SELECT '{u}m' || n, 'order', '{now}'::timestamptz - k * interval '1 hour', 30 + 20 * k FROM generate_series(1, 1000) n, generate_series(1, 2) k",
    );
    steps.add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at, value) SELECT '{u}3', 'order', '{now}', 10 FROM generate_series(1, 120)",
    );
    steps.add(
        1000,
        "UPDATE user_events SET value = 100 WHERE event = 'order' AND user_id IN (SELECT '{u}m' || n FROM generate_series(1, 200) n)",
    );
    steps.add(15000, "SELECT * FROM hogsend_verify('dear')");
}

/// Calls for a bucket that is kept by hand.
pub fn by_hand(steps: &mut Steps) {
    steps.add(
        1,
        "SELECT hogsend_add_member('manual', '{u}1'), hogsend_remove_member('manual', '{u}1')",
    );
    steps.add(
        1000,
        "SELECT hogsend_add_member('manual', array_agg('{u}m' || n)) FROM generate_series(1, 1000) n",
    );
    steps.add(
        1000,
        "SELECT hogsend_remove_member('manual', array_agg('{u}m' || n)) FROM generate_series(1, 1000) n",
    );
}
