//! A journey with two waits, runners that are killed at any moment, and a server that is, too.
//!
//! Users lapse by the clock, which begins their run: a mail, a wait for an order, another mail, another
//! wait, a pause, the end; an order ends a wait, and who unsubscribes leaves the journey. Each step's effect
//! is a row that commits with what the run is told, and a note outside of the database, which may be there more
//! than once, and always under the same key.

mod checks;
mod runner;
mod users;

use crate::ledger::{Known, Ledger};
use crate::world;
use anyhow::{Result, bail};
use hogsend_client_tests::delivery::world::{Count, World};
use hogsend_client_tests::stage::Phase;
use hogsend_client_tests::{server_log, with_extension};
use hogsend_harness::{Cluster, Options};
use hogsend_model::Random;
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
/// One a shard, and one who takes what there is.
const WORKERS: usize = 3;
/// From one kill of the server, or of one of its processes, to the next.
const MILLISECONDS: [i64; 2] = [100, 1_800];
const PATIENCE: Duration = Duration::from_secs(180);

/// How a runner goes about a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// What the run is told, the effect and the acknowledgement are one transaction.
    Together,
    /// It acknowledges before it does anything.
    Careless,
    /// It names no step, and looks at no answer.
    Deaf,
}

pub struct Plan<'a> {
    pub users: usize,
    pub kills: usize,
    pub habit: Habit,
    /// SQL that breaks something before anybody begins.
    pub damage: &'a str,
}

#[derive(Debug, Default)]
pub struct Outcome {
    /// Empty, if all is well.
    pub faults: Vec<String>,
    /// Of the server and of its processes.
    pub kills: usize,
    /// Of workers, by themselves.
    pub deaths: u64,
    /// Steps that a worker had in hand again.
    pub again: u64,
    /// Steps that were refused, because the run was over or somebody had been quicker.
    pub refused: u64,
    pub acknowledged: usize,
    pub in_doubt: usize,
    /// How often what came about, of the steps.
    pub steps: BTreeMap<String, i64>,
}

/// Of which user, in which of the user's runs, what.
type Effect = (String, i32, &'static str);

/// What everybody shares.
struct Stand<'c> {
    world: World<'c>,
    ledger: Ledger,
    habit: Habit,
    /// What was done outside of the database, and under which keys.
    outside: Mutex<BTreeMap<Effect, BTreeSet<String>>>,
    again: Count,
}

fn options() -> Options {
    world::options(&[])
}

const TABLES: &str = "
    CREATE TABLE effects_of_steps (
        run_id bigint NOT NULL, user_id text NOT NULL, entry_count integer NOT NULL, what text NOT NULL,
        step_id bigint NOT NULL, idempotency_key text NOT NULL, xid xid8 NOT NULL DEFAULT pg_current_xact_id());
    INSERT INTO buckets (id, criteria) VALUES
        ('lapsed', hogsend_all(hogsend_event('open'), hogsend_event('open', within => '1 second', never => true)));
    SELECT hogsend_define_journey('winback', '{bucket:entered:lapsed}', '{unsubscribed}');
    SELECT hogsend_subscribe('runner', journeys => '{winback}', shards => 2)";

pub fn run(plan: &Plan) -> Result<Outcome> {
    let cluster = Cluster::start(options())?;
    let database = with_extension(&cluster, "journeys")?;
    let mut client = database.connect()?;
    client.batch_execute(TABLES)?;
    client.batch_execute(plan.damage)?;
    let stand = Stand {
        world: World::new(database, plan.users)?,
        ledger: Ledger::default(),
        habit: plan.habit,
        outside: Mutex::default(),
        again: Count::default(),
    };
    let mut kills = 0;
    let stage = &stand.world.stage;
    thread::scope(|scope| {
        let mut writing = Vec::new();
        for number in 0..WRITERS {
            let stand = &stand;
            writing.push(scope.spawn(move || stage.take_part(|| users::write(stand, number))));
        }
        for number in 0..WORKERS {
            let stand = &stand;
            scope.spawn(move || stage.take_part(|| runner::work(stand, number)));
        }
        scope.spawn(|| stage.take_part(|| crate::clock::run(&stand.world)));
        stage.take_part(|| {
            kills = kill(&cluster, &stand, plan.kills)?;
            stage.enter(Phase::Settling);
            for thread in writing {
                thread.join().expect("a thread panicked");
            }
            let rested = rest(&stand);
            stage.enter(Phase::Over);
            rested
        });
    });
    stage.result()?;
    let mut client = stand.world.database.connect()?;
    let mut faults = stand.ledger.faults_at_rest(&mut client)?;
    faults.extend(checks::faults(&mut client)?);
    faults.extend(stand.faults_outside(&mut client)?);
    let log = cluster.log_since(0);
    faults.extend(server_log::alarms(&log).into_iter().map(String::from));
    Ok(Outcome {
        faults,
        kills,
        deaths: stand.world.kills.get(),
        again: stand.again.get(),
        refused: stand.world.fenced.get(),
        acknowledged: stand.ledger.count(Known::Stored),
        in_doubt: stand.ledger.count(Known::Nothing),
        steps: steps(&mut client)?,
    })
}

/// A session, or all of the server.
fn kill(cluster: &Cluster, stand: &Stand, times: usize) -> Result<usize> {
    let mut random = Random::ordinary();
    let [low, high] = MILLISECONDS;
    for done in 0..times {
        let wait = random.between(low, high);
        thread::sleep(Duration::from_millis(wait as u64));
        if !stand.world.stage.is_before(Phase::Settling) {
            return Ok(done);
        }
        if random.one_in(2) {
            cluster.kill()?;
            cluster.start_again()?;
        } else {
            let mut client = stand.world.database.connect()?;
            let any = "SELECT pid FROM pg_stat_activity
                       WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1";
            if let Some(row) = client.query_opt(any, &[])? {
                cluster.kill_session(row.get(0))?;
            }
        }
    }
    Ok(times)
}

/// Waits until nobody has anything to do any more. A run that goes on for ever is a fault, and no failure.
fn rest(stand: &Stand) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let is_done = "SELECT NOT EXISTS (SELECT FROM bucket_timers)
                      AND NOT EXISTS (SELECT FROM bucket_lag WHERE rows_behind > 0)
                      AND (NOT EXISTS (SELECT FROM journey_runs WHERE ended_at IS NULL) OR $1)";
    let mut client = stand.world.database.connect()?;
    let mut quiet = 0;
    while stand.world.stage.is_before(Phase::Over) {
        let row = client.query_one(is_done, &[&(quiet > 60)])?;
        if row.get(0) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("the journeys do not come to rest");
        }
        thread::sleep(Duration::from_millis(50));
        let left = "SELECT EXISTS (SELECT FROM bucket_timers) OR EXISTS (SELECT FROM bucket_lag WHERE rows_behind > 0)";
        quiet = if client.query_one(left, &[])?.get(0) {
            0
        } else {
            quiet + 1
        };
    }
    Ok(())
}

fn steps(client: &mut Client) -> Result<BTreeMap<String, i64>> {
    let rows = client.query(
        "SELECT concat_ws(' ', transition, label, CASE WHEN timed_out THEN 'timed out' WHEN NOT timed_out THEN 'in time' END),
                count(*) FROM bucket_transitions WHERE journey_id IS NOT NULL GROUP BY 1
         UNION ALL SELECT status, count(*) FROM journey_runs GROUP BY 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

impl Stand<'_> {
    /// What was done outside of the database was done under one key, and it was done if the database says so.
    fn faults_outside(&self, client: &mut Client) -> Result<Vec<String>> {
        let outside = self.outside.lock().unwrap();
        let mut faults: Vec<String> = outside
            .iter()
            .filter(|(_, keys)| keys.len() > 1)
            .map(|(what, keys)| format!("{what:?} has several keys: {keys:?}"))
            .collect();
        let rows = client.query(
            "SELECT user_id, entry_count, what, idempotency_key FROM effects_of_steps",
            &[],
        )?;
        for row in rows {
            let (user, run, what, key): (String, i32, &str, String) =
                (row.get(0), row.get(1), row.get(2), row.get(3));
            let there = outside.iter().any(|((u, r, w), keys)| {
                *u == user && *r == run && *w == what && keys.contains(&key)
            });
            if !there {
                faults.push(format!(
                    "{what} of {user} was never done outside under {key}"
                ));
            }
        }
        Ok(faults)
    }
}
