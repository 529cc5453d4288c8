//! Consumers lose nothing, repeat nothing and confuse nothing, whatever writers do and however
//! their workers die; and a plain cursor does lose something, or this would prove nothing.
//!
//! `HOGSEND_DELIVERY_TRANSITIONS=1000000` for a long run.

#[path = "delivery/checks.rs"]
mod checks;
#[path = "delivery/consumers.rs"]
mod consumers;
#[path = "delivery/world.rs"]
mod world;
#[path = "delivery/writers.rs"]
mod writers;

use anyhow::Result;
use consumers::{Consumer, Habit};
use postgres::Client;
use std::io::Write;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};
use world::{Phase, World};
use writers::{LeftOpen, WRITERS};

/// How often a plain cursor may be lucky before we doubt the test.
const LUCKY_ROUNDS: usize = 30;
const COUNT: &str = "SELECT count(*) FROM bucket_transitions";
const TRANSITIONS_OF_A_ROUND: i64 = 1000;

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
    let world = World::new("delivery", wanted)?;
    let left_open = LeftOpen::begin(&world)?;
    let transitions = run(&world, &consumers, wanted, Some(left_open))?;

    let mut client = world.database.connect()?;
    let mut faults = checks::faults_of_outbox(&mut client)?;
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
        let world = World::new(&format!("plain_cursor_{round}"), TRANSITIONS_OF_A_ROUND)?;
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
            .map(|number| scope.spawn(move || world.take_part(|| writers::write(world, number))))
            .collect();
        let clock = scope.spawn(|| world.take_part(|| writers::run_clock(world)));
        scope.spawn(|| world.take_part(|| consumers::kill(world)));
        for consumer in consumers {
            for number in 0..consumer.workers {
                scope.spawn(move || world.take_part(|| consumer.work(world, number)));
            }
        }
        world.take_part(|| {
            wait_until(&format!("({COUNT}) >= {wanted}"), world, &mut client)?;
            world.enter(Phase::Settling);
            join(writers);
            left_open.map_or(Ok(()), LeftOpen::end)?;
            world.enter(Phase::Delivering);
            join([clock]);
            // All at one instant, because what one does may be news to another.
            let nothing_left: Vec<String> = consumers.iter().map(Consumer::has_all).collect();
            wait_until(&nothing_left.join(" AND "), world, &mut client)?;
            world.enter(Phase::Over);
            Ok(())
        });
    });
    world.result()?;
    Ok(client.query_one(COUNT, &[])?.get(0))
}

/// Waits until a condition holds, or the run is over because somebody failed.
fn wait_until(condition: &str, world: &World, client: &mut Client) -> Result<()> {
    let query = client.prepare(&format!("SELECT {condition}"))?;
    while world.is_before(Phase::Over) {
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
