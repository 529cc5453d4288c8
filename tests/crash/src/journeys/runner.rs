//! The runner: what it does at each step of the journey, and how it dies.

use super::{Habit, Stand};
use anyhow::{Result, ensure};
use hogsend_client_tests::stage::Phase;
use hogsend_model::Random;
use postgres::{Client, Row};
use std::thread;
use std::time::Duration;

/// At each step a worker dies once in so many times.
const DIES_ONCE_IN: usize = 150;
const MOST_ROWS: usize = 100;
const PAUSE: Duration = Duration::from_millis(10);

/// What a worker does at a step, and what it tells the run.
struct Answer {
    what: &'static str,
    call: &'static str,
}

const TWO_MORE: &str =
    "hogsend_wait_for($1, 'order', '1 second', 'second mail', state => '{\"mails\": 2}'";

fn answer(step: &Row) -> Result<Option<Answer>> {
    let label: Option<&str> = step.get("label");
    let timed_out: Option<bool> = step.get("timed_out");
    let state: Option<&str> = step.get("state");
    let said = |what, call| Ok(Some(Answer { what, call }));
    match (step.get::<_, &str>("transition"), label, timed_out) {
        ("started", None, None) => said(
            "first mail",
            "hogsend_wait_for($1, 'order', '1 second', 'first mail', state => '{\"mails\": 1}'",
        ),
        ("resumed", Some("first mail"), Some(true)) => {
            ensure!(state == Some("{\"mails\": 1}"), "the state is {state:?}");
            said("second mail", TWO_MORE)
        }
        ("resumed", Some("second mail"), Some(true)) => {
            ensure!(state == Some("{\"mails\": 2}"), "the state is {state:?}");
            said("pause", "hogsend_sleep($1, '100 milliseconds', 'pause'")
        }
        ("resumed", Some("first mail" | "second mail"), Some(false)) => {
            said("thanks", "hogsend_complete($1")
        }
        ("resumed", Some("pause"), None) => said("given up", "hogsend_fail($1, 'no order'"),
        ("exited", ..) => Ok(None),
        other => anyhow::bail!("a step that there cannot be: {other:?}"),
    }
}

pub fn work(stand: &Stand, number: usize) -> Result<()> {
    let mut random = Random::new(2_000 + number as u64);
    stand.world.stage.persist(Phase::Over, || {
        let mut client = stand.world.database.connect()?;
        client.batch_execute("SET application_name = 'worker'")?;
        let mut worker = Worker {
            stand,
            number,
            client,
        };
        while stand.world.stage.is_before(Phase::Over) {
            match worker.turn(&mut random)? {
                Turn::Done => {}
                Turn::NothingNew => thread::sleep(PAUSE),
                Turn::Dead => {
                    stand.world.kills.add(1);
                    break;
                }
            }
        }
        Ok(())
    })
}

enum Turn {
    Done,
    NothingNew,
    Dead,
}

struct Worker<'a, 'c> {
    stand: &'a Stand<'c>,
    number: usize,
    client: Client,
}

macro_rules! may_die {
    ($random:expr) => {
        if $random.one_in(DIES_ONCE_IN) {
            return Ok(Turn::Dead);
        }
    };
}

impl Worker<'_, '_> {
    /// A batch. Now and then it is polled in a transaction of its own, so that others have the same.
    fn turn(&mut self, random: &mut Random) -> Result<Turn> {
        let shard = match self.number {
            0 | 1 => self.number,
            _ => random.below(2),
        } as i32;
        let most = 1 + random.below(MOST_ROWS) as i32;
        let polls_before = random.one_in(3);
        if !polls_before {
            self.client.batch_execute("BEGIN")?;
        }
        let poll = "SELECT batch, id, user_id, transition, entry_count, idempotency_key, run_id, label, timed_out,
                           state::text AS state FROM hogsend_poll('runner', $1, $2)";
        let rows = self.client.query(poll, &[&most, &shard])?;
        let Some(token) = rows.first().map(|row| row.get::<_, i64>("batch")) else {
            if !polls_before {
                self.client.batch_execute("COMMIT")?;
            }
            return Ok(Turn::NothingNew);
        };
        if polls_before {
            may_die!(random);
            if random.one_in(4) {
                thread::sleep(PAUSE);
            }
            self.client.batch_execute("BEGIN")?;
        }
        let careless = self.stand.habit == Habit::Careless;
        if careless {
            self.acknowledge(token)?;
            self.client.batch_execute("COMMIT")?;
            may_die!(random);
            self.client.batch_execute("BEGIN")?;
        }
        for row in &rows {
            may_die!(random);
            self.step(row, random)?;
        }
        may_die!(random);
        if !careless && !self.acknowledge(token)? {
            ensure!(
                polls_before,
                "a batch that nobody else can have was refused"
            );
            self.client.batch_execute("ROLLBACK")?;
            self.stand.again.add(rows.len());
            return Ok(Turn::Done);
        }
        may_die!(random);
        self.client.batch_execute("COMMIT")?;
        self.stand.world.batches.add(1);
        Ok(Turn::Done)
    }

    fn acknowledge(&mut self, token: i64) -> Result<bool> {
        let ack = "SELECT hogsend_ack('runner', $1)";
        Ok(self.client.query_one(ack, &[&token])?.get(0))
    }

    fn step(&mut self, row: &Row, random: &mut Random) -> Result<()> {
        let Some(answer) = answer(row)? else {
            return Ok(());
        };
        let (run, id): (i64, i64) = (row.get("run_id"), row.get("id"));
        let (user, count, key): (&str, i32, &str) = (
            row.get("user_id"),
            row.get("entry_count"),
            row.get("idempotency_key"),
        );
        if random.one_in(10) {
            let checkpoint = "SELECT hogsend_checkpoint($1, $2, step => $3)";
            let label: Option<&str> = row.get("label");
            let label = label.unwrap_or("begun");
            self.client.query_one(checkpoint, &[&run, &label, &id])?;
        }
        let deaf = self.stand.habit == Habit::Deaf;
        let done: bool = if deaf {
            let call = format!("SELECT {})", answer.call);
            self.client.query_one(&call, &[&run])?;
            true
        } else {
            let call = format!("SELECT {}, step => $2)", answer.call);
            self.client.query_one(&call, &[&run, &id])?.get(0)
        };
        if !done {
            self.stand.world.fenced.add(1);
            return Ok(());
        }
        // As a mail goes out: nobody takes it back.
        let what = (user.to_owned(), count, answer.what);
        let mut outside = self.stand.outside.lock().unwrap();
        outside.entry(what).or_default().insert(key.to_owned());
        drop(outside);
        self.client.execute(
            "INSERT INTO effects_of_steps (run_id, user_id, entry_count, what, step_id, idempotency_key)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[&run, &user, &count, &answer.what, &id, &key],
        )?;
        Ok(())
    }
}
