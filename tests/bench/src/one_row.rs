//! One event as an application sends it: a prepared one-row INSERT, committed by itself, seen from
//! the client's side of the socket and by the processor time of the server.

mod world;

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::count;
use crate::stats::{Random, median, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};
use std::fs;
use world::{Event, PEOPLE, Targets, World};

/// Statements of each side in a block, and in a run of one side within it.
const BLOCK: usize = 500;
const RUN: usize = 20;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let blocks = scale.choose(4, 24);
    let small: &[i64] = &[1_000, 0];
    for &buckets in scale.choose(small, &[10_000, 1_000, 10, 0]) {
        let mut world = World::create(cluster, buckets, blocks)?;
        let mut case = Case::new(&mut world.client, blocks)?;
        let defined = format!("of {buckets} buckets");
        case.run(
            "view",
            &format!("one row, 0 {defined} concerned"),
            UNREFERENCED,
            report,
        )?;
        if buckets == 0 {
            // What the method itself says about two things that are the same.
            let turns = case.against("plain_too", "view")?;
            report.add("one row, another plain table", "plain table", turns.latency);
        }
        for event in world::EVENTS.iter().filter(|event| buckets >= event.least) {
            let what = format!("one row, {} {defined}: {}", event.concerned, event.what);
            case.run(event.name, &what, event.targets, report)?;
        }
    }
    Ok(())
}

/// For an event that no bucket references, without and with waiting for the disk.
const UNREFERENCED: Targets = Some([1.10, 1.10]);

/// What a turn showed.
#[derive(Default)]
struct Both {
    latency: Turns,
    processor: Turns,
}

/// One side of a block.
struct Side<'s> {
    insert: &'s Statement,
    random: Random,
    latencies: Vec<f64>,
    /// Processor time of the server, in microseconds.
    busy: f64,
}

struct Case<'c> {
    client: &'c mut Client,
    plain: Statement,
    server: String,
    blocks: u64,
    /// Of those who come once: how many have come.
    used: u64,
}

impl<'c> Case<'c> {
    fn new(client: &'c mut Client, blocks: u64) -> Result<Self> {
        let plain = client.prepare(&insert_into("plain"))?;
        let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        Ok(Case {
            client,
            plain,
            server: format!("/proc/{pid}/schedstat"),
            blocks,
            used: 0,
        })
    }

    /// Both ways to commit, and the processor time of the one that does not wait for the disk.
    fn run(
        &mut self,
        event: &str,
        what: &str,
        targets: Targets,
        report: &mut Report,
    ) -> Result<()> {
        let moves = Event::named(event).is_some_and(|event| event.moves);
        for (place, commit) in ["off", "on"].into_iter().enumerate() {
            self.client
                .batch_execute(&format!("SET synchronous_commit = {commit}"))?;
            let before = count(self.client, "bucket_transitions")?;
            let turns = self.against("user_events", event)?;
            let after = count(self.client, "bucket_transitions")?;
            // Had anybody joined or left, or nobody, this would have measured something else.
            ensure!(
                (after > before) == moves,
                "{} transitions by {event}",
                after - before
            );
            let latency = format!("{what}, commit {commit}");
            match targets.map(|targets| Target::AtMost(targets[place])) {
                Some(target) => {
                    report.add_with_target(&latency, "plain table", turns.latency, target);
                }
                None => report.add(&latency, "plain table", turns.latency),
            }
            if commit == "off" {
                let what = format!("{what}, processor time");
                report.add(&what, "plain table", turns.processor);
            }
        }
        Ok(())
    }

    fn against(&mut self, table: &str, event: &str) -> Result<Both> {
        let measured = self.client.prepare(&insert_into(table))?;
        let control = self.plain.clone();
        let mut turns = Both::default();
        // The first block warms the caches and plans, and is not counted.
        for block in 0..=self.blocks {
            let [m, c] = self.block(&measured, &control, event, 77 + block)?;
            if block > 0 {
                turns
                    .latency
                    .add(median(&m.latencies), median(&c.latencies));
                turns
                    .processor
                    .add(m.busy / BLOCK as f64, c.busy / BLOCK as f64);
            }
        }
        Ok(turns)
    }

    /// The two sides take turns every few statements, or a neighbour's busy second would fall upon
    /// one of them.
    fn block<'s>(
        &mut self,
        measured: &'s Statement,
        control: &'s Statement,
        event: &str,
        seed: u64,
    ) -> Result<[Side<'s>; 2]> {
        // The same users on both sides.
        let side = |insert| Side {
            insert,
            random: Random(seed),
            latencies: Vec::with_capacity(BLOCK),
            busy: 0.0,
        };
        let once = Event::named(event).is_some_and(|event| event.moves);
        let mut sides = [side(measured), side(control)];
        let first = self.used;
        for run in 0..(BLOCK / RUN) as u64 {
            for side in &mut sides {
                let before = self.processor_time()?;
                for n in 0..RUN as u64 {
                    let user = match side.random.below(PEOPLE) {
                        _ if once => format!("{event}-{}", first + run * RUN as u64 + n),
                        number => format!("user-{number}"),
                    };
                    let execute = || self.client.execute(side.insert, &[&user, &event]);
                    side.latencies.push(timed(execute)?.0);
                }
                side.busy += self.processor_time()? - before;
            }
        }
        if once {
            self.used += BLOCK as u64;
        }
        Ok(sides)
    }

    /// How long the server's process has been running on a processor, in microseconds.
    fn processor_time(&self) -> Result<f64> {
        let text = fs::read_to_string(&self.server)?;
        let nanoseconds = text.split(' ').next().context("an empty schedstat")?;
        Ok(nanoseconds.parse::<f64>()? / 1000.0)
    }
}

fn insert_into(table: &str) -> String {
    format!("INSERT INTO {table} (user_id, event) VALUES ($1, $2)")
}
