//! Consumers, and the workers that do their work until they are killed.

use crate::delivery::world::{MOVE, World};
use crate::stage::Phase;
use anyhow::{Result, ensure};
use hogsend_model::Random;
use postgres::{Client, Row};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// At each step a worker goes away, in the midst of what it does, once in so many times.
const GOES_AWAY_ONCE_IN: usize = 60;
/// Of a batch.
const MOST_ROWS: usize = 300;
/// Between polls that find nothing.
const PAUSE: Duration = Duration::from_millis(10);

pub struct Consumer {
    pub name: &'static str,
    pub habit: Habit,
    /// What hogsend_subscribe() is given besides the name.
    pub options: &'static str,
    /// What that selects, as a condition on bucket_transitions.
    pub selects: &'static str,
    pub shards: usize,
    pub workers: usize,
    /// What was given out under each token, by polls that were committed.
    pub given: Mutex<HashMap<i64, Vec<i64>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Effect and acknowledgement are one transaction.
    Together,
    /// The effect is committed first, and is not repeated because its key is unique.
    Apart,
    /// The acknowledgement is committed first, and the effect may never come.
    Careless,
    /// Without hogsend_poll(): whatever is above the highest number seen.
    PlainCursor,
}

impl Consumer {
    /// Everything goes to one worker.
    pub fn new(name: &'static str, habit: Habit) -> Consumer {
        Consumer {
            name,
            habit,
            options: "",
            selects: "true",
            shards: 1,
            workers: 1,
            given: Mutex::default(),
        }
    }

    pub fn subscribe(&self, client: &mut Client) -> Result<()> {
        let Consumer { name, options, .. } = self;
        client.batch_execute(&match self.habit {
            Habit::PlainCursor => format!("CREATE TABLE {name} AS SELECT 0::bigint AS last"),
            _ => format!("SELECT hogsend_subscribe('{name}', {options})").replace(", )", ")"),
        })?;
        if self.habit == Habit::Apart {
            let unique = "CREATE UNIQUE INDEX ON effects (idempotency_key) WHERE consumer =";
            client.batch_execute(&format!("{unique} '{name}'"))?;
        }
        Ok(())
    }

    /// Whether everything that was committed has been dealt with, in SQL.
    pub fn has_all(&self) -> String {
        let name = self.name;
        match self.habit {
            Habit::PlainCursor => format!(
                "NOT EXISTS (SELECT FROM bucket_transitions WHERE id > (SELECT last FROM {name}))"
            ),
            _ => format!(
                "NOT EXISTS (SELECT FROM bucket_lag WHERE consumer = '{name}' AND rows_behind > 0)"
            ),
        }
    }

    /// Does the work of one worker, on a new connection whenever the last one is lost.
    pub fn work(&self, world: &World, number: usize) -> Result<()> {
        let mut random = Random::new(1000 + number as u64);
        world.stage.persist(Phase::Over, || {
            self.work_on_one_connection(world, number, &mut random)
        })
    }

    fn work_on_one_connection(
        &self,
        world: &World,
        number: usize,
        random: &mut Random,
    ) -> Result<()> {
        let mut client = world.database.connect()?;
        client.batch_execute("SET application_name = 'worker'")?;
        let mut worker = Worker {
            consumer: self,
            world,
            number,
            client,
        };
        while world.stage.is_before(Phase::Over) {
            match worker.turn(random)? {
                Turn::Done => {}
                Turn::NothingNew => std::thread::sleep(PAUSE),
                Turn::GoneAway => {
                    world.kills.add(1);
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Kills workers by their sessions.
pub fn kill(world: &World) -> Result<()> {
    let mut client = world.database.connect()?;
    let kill = client.prepare(
        "SELECT pg_terminate_backend(pid)
         FROM (SELECT pid FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'worker'
               ORDER BY random() LIMIT 1) AS worker",
    )?;
    while world.stage.is_before(Phase::Over) {
        world.kills.add(client.query(&kill, &[])?.len());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

enum Turn {
    Done,
    NothingNew,
    GoneAway,
}

struct Batch {
    token: i64,
    rows: Vec<Row>,
}

struct Worker<'a> {
    consumer: &'a Consumer,
    world: &'a World<'a>,
    number: usize,
    client: Client,
}

/// Ends the turn now and then as a crash would: with the connection, and whatever it has begun.
macro_rules! may_go_away {
    ($random:expr) => {
        if $random.one_in(GOES_AWAY_ONCE_IN) {
            return Ok(Turn::GoneAway);
        }
    };
}

impl Worker<'_> {
    fn turn(&mut self, random: &mut Random) -> Result<Turn> {
        match self.consumer.habit {
            Habit::Together => self.together(random),
            Habit::Apart => self.apart(random),
            Habit::Careless => self.careless(random),
            Habit::PlainCursor => self.plain_cursor(random),
        }
    }

    fn together(&mut self, random: &mut Random) -> Result<Turn> {
        // Each shard has its worker; now and then another one comes along.
        let any = random.below(self.consumer.shards);
        let shard = if random.one_in(8) { any } else { self.number };
        let level = ["READ COMMITTED", "REPEATABLE READ"][usize::from(random.one_in(10))];
        let begin = format!("BEGIN ISOLATION LEVEL {level}");
        let polls_before = random.one_in(3);
        if !polls_before {
            self.client.batch_execute(&begin)?;
        }
        let mut next = self.poll(shard, polls_before, random)?;
        if polls_before {
            may_go_away!(random);
            self.client.batch_execute(&begin)?;
        }
        let is_idle = next.is_none();
        let mut batches = 0;
        while let Some(batch) = next {
            may_go_away!(random);
            self.perform(&batch)?;
            may_go_away!(random);
            // Not for ever, because it is told of what it causes.
            if random.one_in(4) && self.world.stage.is_before(Phase::Settling) {
                self.cause_event()?;
            }
            if !self.acknowledge(&batch)? {
                ensure!(
                    polls_before && batches == 0,
                    "a batch that nobody else can have was refused"
                );
                self.client.batch_execute("ROLLBACK")?;
                self.world.fenced.add(batch.rows.len());
                return Ok(Turn::Done);
            }
            batches += 1;
            may_go_away!(random);
            // A transaction may hold several.
            next = if random.one_in(3) {
                self.poll(shard, false, random)?
            } else {
                None
            };
        }
        self.client.batch_execute("COMMIT")?;
        self.world.batches.add(batches);
        Ok(if is_idle {
            Turn::NothingNew
        } else {
            Turn::Done
        })
    }

    fn apart(&mut self, random: &mut Random) -> Result<Turn> {
        let Some(batch) = self.poll(0, true, random)? else {
            return Ok(Turn::NothingNew);
        };
        may_go_away!(random);
        let performed = self.perform(&batch)?;
        self.world.fenced.add(batch.rows.len() - performed);
        may_go_away!(random);
        // Refused where the other worker was quicker.
        let acknowledged = self.acknowledge(&batch)?;
        self.world.batches.add(usize::from(acknowledged));
        Ok(Turn::Done)
    }

    fn careless(&mut self, random: &mut Random) -> Result<Turn> {
        let Some(batch) = self.poll(0, true, random)? else {
            return Ok(Turn::NothingNew);
        };
        self.acknowledge(&batch)?;
        may_go_away!(random);
        self.perform(&batch)?;
        self.world.batches.add(1);
        Ok(Turn::Done)
    }

    fn plain_cursor(&mut self, random: &mut Random) -> Result<Turn> {
        let name = self.consumer.name;
        self.client.batch_execute("BEGIN")?;
        let last = format!("SELECT last FROM {name} FOR UPDATE");
        let last: i64 = self.client.query_one(&last, &[])?.get(0);
        let rows = self.client.query(
            "SELECT 0::bigint AS batch, id, user_id, bucket_id, transition, entry_count, idempotency_key
             FROM bucket_transitions WHERE id > $1 ORDER BY id LIMIT $2",
            &[&last, &(1 + random.below(MOST_ROWS) as i64)],
        )?;
        let Some(last) = rows.last().map(|row| row.get::<_, i64>("id")) else {
            self.client.batch_execute("COMMIT")?;
            return Ok(Turn::NothingNew);
        };
        may_go_away!(random);
        self.perform(&Batch { token: 0, rows })?;
        may_go_away!(random);
        self.client
            .execute(&format!("UPDATE {name} SET last = $1"), &[&last])?;
        self.client.batch_execute("COMMIT")?;
        self.world.batches.add(1);
        Ok(Turn::Done)
    }

    fn poll(&mut self, shard: usize, commits: bool, random: &mut Random) -> Result<Option<Batch>> {
        let most = 1 + random.below(MOST_ROWS) as i32;
        let rows = self.client.query(
            "SELECT batch, id, user_id, bucket_id, transition, entry_count, idempotency_key
             FROM hogsend_poll($1, $2, $3)",
            &[&self.consumer.name, &most, &(shard as i32)],
        )?;
        let Some(token) = rows.first().map(|row| row.get("batch")) else {
            return Ok(None);
        };
        if commits {
            let ids: Vec<i64> = rows.iter().map(|row| row.get("id")).collect();
            let mut given = self.consumer.given.lock().unwrap();
            let first = given.entry(token).or_insert_with(|| ids.clone());
            ensure!(*first == ids, "batch {token} was {first:?} and is {ids:?}");
        }
        Ok(Some(Batch { token, rows }))
    }

    fn acknowledge(&mut self, batch: &Batch) -> Result<bool> {
        let ack = "SELECT hogsend_ack($1, $2)";
        let row = self
            .client
            .query_one(ack, &[&self.consumer.name, &batch.token])?;
        Ok(row.get(0))
    }

    /// The effects of a batch; returns how many there were not yet.
    fn perform(&mut self, batch: &Batch) -> Result<usize> {
        fn column<'r, T: postgres::types::FromSql<'r>>(rows: &'r [Row], name: &str) -> Vec<T> {
            rows.iter().map(|row| row.get(name)).collect()
        }
        let rows = &batch.rows;
        let performed = self.client.execute(
            "INSERT INTO effects (consumer, batch, id, user_id, bucket_id, transition, entry_count, idempotency_key)
             SELECT $1, batch, id, user_id, bucket_id, transition, entry_count, idempotency_key
             FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::text[])
                  WITH ORDINALITY
                  AS r (batch, id, user_id, bucket_id, transition, entry_count, idempotency_key, n)
             ORDER BY n
             ON CONFLICT DO NOTHING",
            &[
                &self.consumer.name,
                &column::<i64>(rows, "batch"),
                &column::<i64>(rows, "id"),
                &column::<&str>(rows, "user_id"),
                &column::<&str>(rows, "bucket_id"),
                &column::<&str>(rows, "transition"),
                &column::<i32>(rows, "entry_count"),
                &column::<&str>(rows, "idempotency_key"),
            ],
        )?;
        Ok(performed as usize)
    }

    /// Journeys cause events themselves, in the transaction of their effects.
    fn cause_event(&mut self) -> Result<()> {
        let user = format!("{} {}", self.consumer.name, self.number);
        self.client.execute(MOVE, &[&vec![user]])?;
        Ok(())
    }
}
