//! The database that everybody works on.

use crate::Plan;
use anyhow::Result;
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::server_log::LINE_PREFIX;
use hogsend_client_tests::with_extension;
use hogsend_harness::{Cluster, Options};

/// Those whom everybody moves, so that writers meet.
pub const USERS: usize = 500;
/// Those whom jobs have to look at, and contact updates now and then change.
pub const SEEDS: usize = 3_000;

/// Every way in and out: by data and by the clock, at once, deferred and limited, with dwells.
/// What the clock does is over in seconds, so that a run can come to rest.
const BUCKETS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after, min_dwell)
    SELECT 'room-' || n, hogsend_property('room', 'eq', n),
           CASE WHEN n = 0 THEN ARRAY[interval '100 milliseconds'] ELSE '{}' END, NULL
    FROM generate_series(0, 3) AS n
    UNION ALL VALUES
    ('lately', hogsend_event('move', within => interval '2 seconds'), ARRAY[]::interval[], NULL::interval),
    ('often', hogsend_event('buy', within => interval '3 seconds', at_least => 2), '{}', '500 milliseconds'),
    ('loyal', hogsend_event('buy', within => interval '30 days', at_least => 5), '{}', NULL),
    ('spender', hogsend_sum('buy', at_least => 20), '{}', NULL),
    ('choosy', hogsend_event('buy', filter => hogsend_property('$value', 'gt', 3), at_least => 3), '{}', NULL),
    ('lapsed', hogsend_all(hogsend_event('move'),
                           hogsend_event('move', within => interval '3 seconds', never => true)), '{}', NULL),
    -- Who moves in others moves in these, whoever moves them.
    ('devoted', hogsend_all(hogsend_in_bucket('loyal'), hogsend_in_bucket('spender')), '{}', NULL),
    ('drifting', hogsend_all(hogsend_in_bucket('lapsed'), hogsend_in_bucket('devoted', member => false)), '{}', NULL)";

pub fn options(settings: &[(&str, &str)]) -> Options {
    let mut options = Options::default()
        // Not fsync: who is killed leaves what it has written with the kernel, and the machine stays
        // up. But what a COMMIT has answered must have been written by then, and not lie in memory
        // that the server's processes share and that ends with them.
        .set("synchronous_commit", "on")
        // The order of transitions is compared with the times of commits.
        .set("track_commit_timestamp", "on")
        // Nobody does so much here that it would be kept otherwise.
        .set("hogsend.test_totals", "2")
        .set("log_line_prefix", LINE_PREFIX);
    for (name, value) in settings {
        options = options.set(name, value);
    }
    options
}

pub fn prepare<'c>(cluster: &'c Cluster, plan: &Plan) -> Result<World<'c>> {
    let database = with_extension(cluster, "crash")?;
    let mut client = database.connect()?;
    client.batch_execute(&format!(
        "{BUCKETS};
         INSERT INTO user_events (user_id, event, contact_properties)
         SELECT 'seed ' || to_char(n, 'FM0000'), 'seed', jsonb_build_object('level', n % 100)
         FROM generate_series(0, {SEEDS} - 1) AS n;
         INSERT INTO contacts (user_id)
         SELECT 'user ' || to_char(n, 'FM0000') FROM generate_series(0, {USERS} - 1) AS n;
         ANALYZE;
         {}",
        plan.damage
    ))?;
    let world = World::new(database, USERS)?;
    for consumer in plan.consumers {
        consumer.subscribe(&mut client)?;
    }
    Ok(world)
}
