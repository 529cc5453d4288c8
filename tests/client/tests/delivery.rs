//! Consumers lose nothing, repeat nothing and confuse nothing, whatever writers do and however
//! their workers die; and a plain cursor does lose something, or this would prove nothing.
//!
//! `HOGSEND_DELIVERY_TRANSITIONS=1000000` for a long run.

#[path = "delivery/writers.rs"]
mod writers;

use anyhow::Result;
use hogsend_client_tests::delivery::checks;
use hogsend_client_tests::delivery::consumers::{self, Consumer, Habit};
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::stage::Phase;
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::Options;
use postgres::Client;
use std::io::Write;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};
use writers::{LeftOpen, WRITERS};

/// How often a plain cursor may be lucky before we doubt the test.
const LUCKY_ROUNDS: usize = 30;
const COUNT: &str = "SELECT count(*) FROM bucket_transitions";
const TRANSITIONS_OF_A_ROUND: i64 = 1000;

/// A user is in one room at a time, so a move from room to room is two transitions. Who moved
/// within 300 milliseconds is also in "lately", until the clock takes them out, and who stays in
/// room 0 is told of by a dwell.
const BUCKETS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after)
    SELECT 'room-' || n, hogsend_property('room', 'eq', n),
           CASE WHEN n = 0 THEN ARRAY[interval '100 milliseconds'] ELSE '{}' END
    FROM generate_series(0, 3) AS n
    UNION ALL
    SELECT 'lately', hogsend_event('move', within => interval '300 milliseconds'), '{}'";

fn transitions() -> i64 {
    std::env::var("HOGSEND_DELIVERY_TRANSITIONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(40_000)
}

#[test]
fn nothing_is_lost_repeated_or_out_of_order() -> Result<()> {
    let started = Instant::now();
    let consumers = [
        Consumer {
            options: "shards => 4",
            shards: 4,
            workers: 4,
            ..Consumer::new("journeys", Habit::Together)
        },
        Consumer {
            options: "buckets => '{room-0,room-1,lately}', transitions => '{entered,left}'",
            selects: "bucket_id IN ('room-0', 'room-1', 'lately') AND transition <> 'dwell'",
            ..Consumer::new("exits", Habit::Together)
        },
        Consumer {
            workers: 2,
            ..Consumer::new("mail", Habit::Apart)
        },
    ];
    let wanted = transitions();
    let world = new_world("delivery", wanted)?;
    let left_open = LeftOpen::begin(&world)?;
    let transitions = run(&world, &consumers, wanted, Some(left_open))?;

    let mut client = world.database.connect()?;
    let mut faults = Vec::from_iter(checks::faults_of_commits(&mut client)?);
    faults.extend(checks::faults_of_turns(&mut client)?);
    for consumer in &consumers {
        faults.extend(checks::faults(&mut client, consumer)?);
    }
    assert!(faults.is_empty(), "{faults:#?}");
    // Not by println!, which is shown only if the test fails.
    writeln!(
        std::io::stderr(),
        "delivery: {transitions} transitions, {} batches, {} kills, {} duplicates fenced, {:.0} s",
        world.batches.get(),
        world.kills.get(),
        world.fenced.get(),
        started.elapsed().as_secs_f64()
    )?;
    Ok(())
}

#[test]
fn a_plain_cursor_is_seen_to_lose() -> Result<()> {
    for round in 1..=LUCKY_ROUNDS {
        let world = new_world(&format!("plain_cursor_{round}"), TRANSITIONS_OF_A_ROUND)?;
        let consumers = [Consumer::new("plain", Habit::PlainCursor)];
        // Not even a transaction that is left open; delays before commits are enough.
        run(&world, &consumers, TRANSITIONS_OF_A_ROUND, None)?;
        let faults = checks::faults(&mut world.database.connect()?, &consumers[0])?;
        if let Some(lost) = faults.iter().find(|fault| fault.ends_with(" lost")) {
            println!("noticed in round {round}: {lost}");
            return Ok(());
        }
    }
    panic!("{LUCKY_ROUNDS} rounds with a plain cursor, and nothing lost");
}

/// For a run of so many transitions: each user has a history, and writers meet.
fn new_world(name: &str, transitions: i64) -> Result<World<'static>> {
    let database = with_extension(cluster(options), name)?;
    database.connect()?.batch_execute(BUCKETS)?;
    World::new(database, transitions as usize / 20)
}

fn options() -> Options {
    // The order of transitions is compared with the times of commits.
    Options::default()
        .set("track_commit_timestamp", "on")
        .set("max_prepared_transactions", "100")
}

/// Writes until there are so many transitions, and delivers until nothing is left; returns how many
/// there are.
fn run(
    world: &World,
    consumers: &[Consumer],
    wanted: i64,
    left_open: Option<LeftOpen>,
) -> Result<i64> {
    let mut client = world.database.connect()?;
    for consumer in consumers {
        consumer.subscribe(&mut client)?;
    }
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                scope.spawn(move || world.stage.take_part(|| writers::write(world, number)))
            })
            .collect();
        let clock = scope.spawn(|| world.stage.take_part(|| writers::run_clock(world)));
        scope.spawn(|| world.stage.take_part(|| consumers::kill(world)));
        for consumer in consumers {
            for number in 0..consumer.workers {
                scope.spawn(move || world.stage.take_part(|| consumer.work(world, number)));
            }
        }
        world.stage.take_part(|| {
            wait_until(&format!("({COUNT}) >= {wanted}"), world, &mut client)?;
            world.stage.enter(Phase::Settling);
            join(writers);
            left_open.map_or(Ok(()), LeftOpen::end)?;
            world.stage.enter(Phase::Delivering);
            join([clock]);
            // All at one instant, because what one does may be news to another.
            let nothing_left: Vec<String> = consumers.iter().map(Consumer::has_all).collect();
            wait_until(&nothing_left.join(" AND "), world, &mut client)?;
            world.stage.enter(Phase::Over);
            Ok(())
        });
    });
    world.stage.result()?;
    Ok(client.query_one(COUNT, &[])?.get(0))
}

/// Waits until a condition holds, or the run is over because somebody failed.
fn wait_until(condition: &str, world: &World, client: &mut Client) -> Result<()> {
    let query = client.prepare(&format!("SELECT {condition}"))?;
    while world.stage.is_before(Phase::Over) {
        let asked = Instant::now();
        if client.query_one(&query, &[])?.get(0) {
            break;
        }
        // Asking must not become the load.
        std::thread::sleep(Duration::from_millis(20).max(asked.elapsed() * 5));
    }
    Ok(())
}

fn join<'s>(threads: impl IntoIterator<Item = ScopedJoinHandle<'s, ()>>) {
    for thread in threads {
        thread.join().expect("a thread panicked");
    }
}
