//! `kill -9`, at random moments, and a first look after each.

use crate::ledger::Ledger;
use crate::{Plan, clock, history, members};
use anyhow::Result;
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::stage::Phase;
use hogsend_harness::Cluster;
use hogsend_model::Random;
use postgres::Client;
use std::thread;
use std::time::Duration;

/// From a kill, or the look after it, to the next.
const MILLISECONDS: [i64; 2] = [100, 1_800];

/// At most, during a run.
const LOOKS: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Victims {
    /// The whole server, or one of its processes: a session most of the time. By design of Postgres
    /// the other processes then end too, and the server recovers without anybody's help.
    All,
    Servers,
}

/// Any but the session that asks, and workers: those come and go, and the number might be nobody's
/// by the time of the kill. They go down with the rest.
const PROCESS: &str = "
    SELECT pid FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND application_name <> 'worker' AND backend_type <> 'autovacuum worker'
    ORDER BY random() LIMIT 1";

pub struct Killer<'a> {
    cluster: &'a Cluster,
    world: &'a World<'a>,
    ledger: &'a Ledger,
    random: Random,
    pub kills: usize,
    /// Of these, in the midst of a job.
    pub kills_of_jobs: usize,
}

impl<'a> Killer<'a> {
    pub fn new(cluster: &'a Cluster, world: &'a World, ledger: &'a Ledger) -> Killer<'a> {
        Killer {
            cluster,
            world,
            ledger,
            random: Random::ordinary(),
            kills: 0,
            kills_of_jobs: 0,
        }
    }

    /// Kills as often as planned, or until something is wrong.
    pub fn kill(&mut self, plan: &Plan) -> Result<Vec<String>> {
        let mut looked_up_to = 0;
        for _ in 0..plan.kills {
            let [low, high] = MILLISECONDS;
            let wait = self.random.between(low, high);
            thread::sleep(Duration::from_millis(wait as u64));
            if !self.world.stage.is_before(Phase::Settling) {
                break;
            }
            self.one(plan.victims)?;
            self.kills += 1;
            let mut client = self.world.database.connect()?;
            self.kills_of_jobs += usize::from(clock::has_job(&mut client)?);

            // In a long run not after each, because a look takes longer and longer.
            if self.kills.is_multiple_of(plan.kills.div_ceil(LOOKS)) {
                let answered = self.ledger.len();
                let faults = self.look(&mut client, looked_up_to)?;
                looked_up_to = answered;
                if !faults.is_empty() {
                    return Ok(faults);
                }
            }
        }
        Ok(Vec::new())
    }

    /// While everybody goes on.
    fn look(&self, client: &mut Client, first: usize) -> Result<Vec<String>> {
        let mut faults = self.ledger.faults_since(client, first)?;
        faults.extend(history::faults(client)?);
        faults.extend(members::faults_of_verify(client)?);
        Ok(faults)
    }

    fn one(&mut self, victims: Victims) -> Result<()> {
        if victims == Victims::Servers || self.random.one_in(2) {
            self.cluster.kill()?;
            self.cluster.start_again()
        } else {
            let mut client = self.world.database.connect()?;
            let pid: i32 = client.query_one(PROCESS, &[])?.get(0);
            self.cluster.kill_session(pid)
        }
    }
}
