//! A database with the extension in it, in which one history after the other is played.

use crate::disguise::{PAIRS, disguised};
use crate::history::sql::Command;
use crate::history::{Part, Statement, Step};
use crate::instant::{EPOCH, HOUR, START, interval, text};
use crate::model::Refused;
use anyhow::{Context, Result, bail};
use hogsend_harness::Cluster;
use hogsend_model::Random;
use postgres::{Client, SimpleQueryMessage};
use std::io::Write;

pub struct Database {
    client: Client,
    /// Also ask the extension itself whether all is well, and who matches.
    pub verifies: bool,
    played: usize,
    /// Who says things under other ids, if anybody.
    disguises: Option<Random>,
}

/// What is stored: rows of text, each with what it is.
#[derive(Debug, Default)]
pub struct Stored {
    /// user, bucket, entry_count; status, entered_at, left_at, left_reason, source, max_dwell_at,
    /// dwell_anchor_at, announced, left_announced.
    pub stays: Vec<Vec<String>>,
    /// idempotency_key; event, transition, entry_count, reason, source, dwell_label, dwell_count,
    /// recorded_at, effective_at; bucket, user.
    pub outbox: Vec<Vec<String>>,
    /// user, event, occurred_at, idempotency_key; how many of them.
    pub events: Vec<Vec<String>>,
    /// user; e-mail, properties, deleted.
    pub contacts: Vec<Vec<String>>,
    /// bucket, user; whether the user matches now, and a while later.
    pub truths: Vec<Vec<String>>,
    /// How many stays the reconciles say they began and ended, and how many dwells there were.
    pub done: Vec<Vec<String>>,
    /// user, series; n, total, least, most, first_at, last_at: of those who do not wait in the queue.
    pub totals: Vec<Vec<String>>,
    /// What hogsend_verify() finds fault with.
    pub faults: Vec<Vec<String>>,
}

/// The extension is also asked who will match so much later.
pub const LATER: i64 = 3 * HOUR;

/// Empties everything. By way of the triggers, because sessions remember definitions and contacts.
const CLEAN: &str = "
    RESET hogsend.evaluate; RESET hogsend.announce; RESET hogsend.inline_backfill; SET differential.done = '{0,0,0}';
    DELETE FROM buckets; DELETE FROM contacts; DELETE FROM user_events;
    DELETE FROM bucket_memberships; DELETE FROM bucket_transitions;
    DELETE FROM bucket_timers; DELETE FROM bucket_jobs; DELETE FROM user_queue; DELETE FROM bucket_erasures;
    DELETE FROM bucket_totals;
    -- The history before ended later than this one begins, and a clock that goes back is set right.
    UPDATE hogsend_clock SET reconciled_at = NULL";

/// After so many histories the dead rows are removed.
const VACUUM_EVERY: usize = 100;

impl Database {
    pub fn create(cluster: &Cluster, name: &str) -> Result<Database> {
        cluster.create_database(name)?;
        let mut client = cluster.connect(name)?;
        client
            .batch_execute("SET client_min_messages = warning; CREATE EXTENSION hogsend")
            .context("CREATE EXTENSION hogsend; `make install` installs it")?;
        // Nobody listens, and nobody does so much that what it comes to would be kept.
        client.batch_execute("SET hogsend.notify = off; SET hogsend.test_totals = 1")?;
        Ok(Database {
            client,
            verifies: true,
            played: 0,
            disguises: None,
        })
    }

    /// From now on users go by other ids, half of the time.
    pub fn disguise(&mut self) -> Result<()> {
        self.disguises = Some(Random::new(1));
        self.run(PAIRS)
    }

    /// Before a history: nothing is stored, and it begins.
    pub fn clean(&mut self) -> Result<()> {
        self.client.batch_execute(CLEAN)?;
        self.client
            .batch_execute(&format!("SET hogsend.now = '{}'", text(START)))?;
        self.played += 1;
        if self.played.is_multiple_of(VACUUM_EVERY) {
            self.client.batch_execute("VACUUM")?;
        }
        Ok(())
    }

    pub fn run(&mut self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(sql)?)
    }

    /// Does one step; what the server refuses undoes the whole of it.
    pub fn play(&mut self, step: &Step) -> Result<Result<(), Refused>> {
        let result = match step {
            Step::Alone(statement) => self.execute(statement),
            Step::Transaction { parts, commit } => self.transaction(parts, *commit),
        };
        let Err(error) = result else {
            return Ok(Ok(()));
        };
        if let Step::Transaction { .. } = step {
            self.client.batch_execute("ROLLBACK")?;
        }
        match error
            .downcast_ref::<postgres::Error>()
            .and_then(|e| e.code())
        {
            Some(code) => {
                let code = code.code().to_owned();
                match EXPECTED.iter().find(|expected| **expected == code) {
                    Some(expected) => Ok(Err(Refused(expected))),
                    None => bail!("{error:?}"),
                }
            }
            None => Err(error),
        }
    }

    fn transaction(&mut self, parts: &[Part], commit: bool) -> Result<()> {
        self.run("BEGIN")?;
        for part in parts {
            match part {
                Part::Plain(statement) => self.execute(statement)?,
                Part::Savepoint {
                    statements,
                    release,
                } => {
                    self.run("SAVEPOINT s")?;
                    for statement in statements {
                        self.execute(statement)?;
                    }
                    self.run(if *release {
                        "RELEASE s"
                    } else {
                        "ROLLBACK TO s"
                    })?;
                }
            }
        }
        self.run(if commit { "COMMIT" } else { "ROLLBACK" })
    }

    fn execute(&mut self, statement: &Statement) -> Result<()> {
        let Some(mut random) = self.disguises.take() else {
            return self.send(statement);
        };
        let evaluate = self
            .client
            .query_one("SELECT current_setting('hogsend.evaluate')", &[]);
        let disguised = match evaluate?.get(0) {
            // There the clock finds out whose an event is.
            "later" => statement.clone(),
            _ => disguised(statement, &mut random),
        };
        self.disguises = Some(random);
        if !matches!(statement, Statement::Forget(_)) {
            return self.send(&disguised);
        }
        // Who is erased is erased with all their ids, and who has some had something to be erased.
        self.run("DELETE FROM user_aliases")?;
        self.send(&disguised)?;
        self.run(PAIRS)
    }

    fn send(&mut self, statement: &Statement) -> Result<()> {
        match statement.command() {
            Command::Sql(sql) => self.run(&sql),
            Command::Copy(sql, data) => {
                let mut writer = self.client.copy_in(&sql)?;
                writer.write_all(data.as_bytes())?;
                writer.finish()?;
                Ok(())
            }
        }
    }

    /// What a query returns, as text.
    pub fn rows(&mut self, query: &str) -> Result<Vec<Vec<String>>> {
        let messages = self.client.simple_query(query)?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let fields = rows.map(|row| (0..row.len()).map(|n| row.get(n).unwrap_or("-").to_owned()));
        Ok(fields.map(Iterator::collect).collect())
    }

    pub fn stored(&mut self) -> Result<Stored> {
        let at = |column: &str| {
            format!("(extract(epoch FROM {column} - timestamptz '{EPOCH}') * 1000000)::bigint")
        };
        let mut query = format!(
            "SELECT 'done', current_setting('differential.done');
             SELECT 'stay', user_id, bucket_id, entry_count, status, {entered}, {left}, left_reason,
                    source, {limit}, {anchor}, announced, left_announced FROM bucket_memberships;
             SELECT 'outbox', idempotency_key, event, transition, entry_count, reason, source,
                    dwell_label, dwell_count, {recorded}, {effective}, bucket_id, user_id
             FROM bucket_transitions;
             SELECT 'event', user_id, event, {occurred}, idempotency_key, count(*)
             FROM user_events GROUP BY 2, 3, 4, 5;
             SELECT 'contact', user_id, email, properties, deleted_at IS NOT NULL FROM contacts;
             SELECT 'total', t.user_id, t.series, t.n, t.total, t.least, t.most, {first}, {last} FROM bucket_totals t
             WHERE NOT EXISTS (SELECT FROM user_queue q WHERE q.user_id = t.user_id);",
            first = at("t.first_at"),
            last = at("t.last_at"),
            occurred = at("occurred_at"),
            entered = at("entered_at"),
            left = at("left_at"),
            limit = at("max_dwell_at"),
            anchor = at("dwell_anchor_at"),
            recorded = at("recorded_at"),
            effective = at("effective_at"),
        );
        if self.verifies {
            query += &format!(
                "SELECT 'truth', b.id, c.user_id, hogsend_matches(b.id, c.user_id),
                        hogsend_matches(b.id, c.user_id, current_setting('hogsend.now')::timestamptz + interval '{}')
                 FROM buckets b, contacts c WHERE b.kind = 'dynamic';",
                interval(LATER)
            );
            query += "SELECT 'fault', b.id, v.user_id, v.stored, v.computed, v.detail
                      FROM buckets b, hogsend_verify(b.id) v WHERE b.enabled;";
        }
        let mut stored = Stored::default();
        for message in self.client.simple_query(&query)? {
            let SimpleQueryMessage::Row(row) = message else {
                continue;
            };
            let fields = (1..row.len()).map(|n| row.get(n).unwrap_or("-").to_owned());
            let fields = fields.collect();
            match row.get(0) {
                Some("done") => stored.done.push(fields),
                Some("stay") => stored.stays.push(fields),
                Some("outbox") => stored.outbox.push(fields),
                Some("event") => stored.events.push(fields),
                Some("contact") => stored.contacts.push(fields),
                Some("truth") => stored.truths.push(fields),
                Some("total") => stored.totals.push(fields),
                _ => stored.faults.push(fields),
            }
        }
        Ok(stored)
    }

    /// The active members: bucket and user.
    pub fn members(&mut self) -> Result<Vec<(String, String)>> {
        let rows = self.client.query(
            "SELECT bucket_id, user_id FROM bucket_memberships WHERE status = 'active'",
            &[],
        )?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}

/// What statements of a history may be refused with: a repeated idempotency key, and a call for a
/// bucket that is not there, disabled, or not kept by hand; and what buckets that name each other must not be.
const EXPECTED: [&str; 5] = ["23505", "42704", "55000", "22023", "2BP01"];
