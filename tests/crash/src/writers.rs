//! Those who write, keep account of it, and go on after every crash.

use crate::ledger::{Known, Ledger, Mark};
use crate::world::SEEDS;
use anyhow::{Result, ensure};
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::errors::is_conflict;
use hogsend_client_tests::stage::Phase;
use hogsend_model::Random;
use postgres::Client;
use std::thread;
use std::time::Duration;

/// Between statements, and before a COMMIT, at most.
const PAUSE_MICROS: usize = 8_000;

pub fn write(world: &World, ledger: &Ledger, number: usize) -> Result<()> {
    let mut writer = Writer {
        ledger,
        name: format!("writer {number}"),
        users: world.users,
        random: Random::new(number as u64),
        unanswered: None,
    };
    world.stage.persist(Phase::Settling, || {
        let mut client = world.database.connect()?;
        // As whoever coordinates does who finds them there.
        commit_prepared_of(&mut client, ledger, &writer.name)?;
        while world.stage.is_before(Phase::Settling) {
            writer.statement(&mut client)?;
            writer.pause();
        }
        Ok(())
    })
}

/// Commits what writers prepared and could not commit any more.
pub fn commit_prepared(client: &mut Client, ledger: &Ledger) -> Result<()> {
    commit_prepared_of(client, ledger, "writer")
}

fn commit_prepared_of(client: &mut Client, ledger: &Ledger, name: &str) -> Result<()> {
    let find = "SELECT gid FROM pg_prepared_xacts WHERE starts_with(gid, $1)";
    for row in client.query(find, &[&name])? {
        let gid: &str = row.get(0);
        client.batch_execute(&format!("COMMIT PREPARED '{gid}'"))?;
        let number = gid.rsplit(' ').next().unwrap_or_default();
        ledger.note(number.parse()?, Known::Stored);
    }
    Ok(())
}

/// How events are inserted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// At once, or now and then with a pause before the COMMIT.
    Plain,
    /// To be evaluated by the next reconcile.
    Deferred,
    /// By two-phase commit.
    Prepared,
}

struct Writer<'a> {
    ledger: &'a Ledger,
    name: String,
    users: usize,
    random: Random,
    /// A call with an idempotency key, sent again until it is answered.
    unanswered: Option<(usize, String)>,
}

impl Writer<'_> {
    fn statement(&mut self, client: &mut Client) -> Result<()> {
        if let Some((number, call)) = self.unanswered.clone() {
            return self.ingest(client, number, &call);
        }
        match self.random.below(12) {
            0..6 => self.insert(client, 1, Way::Plain),
            6..8 => {
                let rows = 2 + self.random.below(30);
                self.insert(client, rows, Way::Plain)
            }
            8 => {
                let rows = 1 + self.random.below(5);
                self.insert(client, rows, Way::Deferred)
            }
            9 => {
                let rows = 1 + self.random.below(3);
                self.insert(client, rows, Way::Prepared)
            }
            10 => self.update(client),
            _ => {
                let number = self.ledger.begin(Mark::Events(1));
                let user = self.user();
                let event = self.random.pick(&["move", "buy"]);
                let call = format!(
                    "SELECT hogsend_ingest('{user}', '{event}', source => '{number}', idempotency_key => 'key {number}')"
                );
                self.unanswered = Some((number, call.clone()));
                self.ingest(client, number, &call)
            }
        }
    }

    fn insert(&mut self, client: &mut Client, rows: usize, way: Way) -> Result<()> {
        let number = self.ledger.begin(Mark::Events(rows as i64));
        let values: Vec<String> = (0..rows).map(|_| self.row(number)).collect();
        let insert = format!(
            "INSERT INTO user_events (user_id, event, source, contact_properties, value) VALUES {}",
            values.join(", ")
        );
        let setting = match way {
            Way::Plain if !self.random.one_in(4) => {
                return self.answered(number, client.batch_execute(&insert));
            }
            Way::Plain => "",
            Way::Deferred => "SET LOCAL hogsend.evaluate = off",
            // A notification cannot be prepared.
            Way::Prepared => "SET LOCAL hogsend.notify = off",
        };
        if let Err(error) = client.batch_execute(&format!("BEGIN; {setting}; {insert}")) {
            self.answered(number, Err(error))?;
            return Ok(client.batch_execute("ROLLBACK")?);
        }
        self.pause();
        if way != Way::Prepared {
            return self.answered(number, client.batch_execute("COMMIT"));
        }
        let gid = format!("{} {number}", self.name);
        client.batch_execute(&format!("PREPARE TRANSACTION '{gid}'"))?;
        self.ledger.note(number, Known::Prepared);
        self.pause();
        client.batch_execute(&format!("COMMIT PREPARED '{gid}'"))?;
        self.ledger.note(number, Known::Stored);
        Ok(())
    }

    fn row(&mut self, number: usize) -> String {
        let (event, patch) = match self.random.below(10) {
            0..3 => ("move", format!("'{{\"room\": {}}}'", self.random.below(4))),
            3 => ("move", "NULL".to_string()),
            4..9 => ("buy", "NULL".to_string()),
            _ => ("seen", "NULL".to_string()),
        };
        let value = self.random.below(60) as f64 / 10.0;
        format!(
            "('{}', '{event}', '{number}', {patch}, {value})",
            self.user()
        )
    }

    fn update(&mut self, client: &mut Client) -> Result<()> {
        let user = self.user();
        let name = format!("mark {}", self.name);
        let level = self.random.below(100);
        let number = self.ledger.begin(Mark::Property {
            user: user.clone(),
            name: name.clone(),
        });
        let update = format!(
            "UPDATE contacts
             SET properties = properties || '{{\"level\": {level}, \"{name}\": {number}}}' WHERE user_id = '{user}'"
        );
        self.answered(number, client.batch_execute(&update))
    }

    fn ingest(&mut self, client: &mut Client, number: usize, call: &str) -> Result<()> {
        let is_first = client.query_one(call, &[]);
        self.answered(number, is_first.map(|_| ()))?;
        self.unanswered = None;
        if self.random.one_in(4) {
            let is_first: bool = client.query_one(call, &[])?.get(0);
            ensure!(!is_first, "key {number} was taken twice");
        }
        Ok(())
    }

    /// Keeps account of an answer. Without one the statement remains in doubt.
    fn answered(&self, number: usize, answer: Result<(), postgres::Error>) -> Result<()> {
        match answer {
            Ok(()) => self.ledger.note(number, Known::Stored),
            Err(error) if is_conflict(&error) => self.ledger.note(number, Known::Refused),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn user(&mut self) -> String {
        if self.random.one_in(10) {
            format!("seed {:04}", self.random.below(SEEDS))
        } else {
            format!("user {:04}", self.random.below(self.users))
        }
    }

    fn pause(&mut self) {
        let micros = self.random.below(PAUSE_MICROS);
        thread::sleep(Duration::from_micros(micros as u64));
    }
}
