//! The listening client: what a journey runner would hear, printed.

use crate::buckets::BUCKETS;
use anyhow::{Context, Result, bail, ensure};
use hogsend_harness::Listener;
use postgres::Client;
use serde_json::Value;
use std::collections::HashMap;
use std::thread::JoinHandle;
use std::time::Duration;

/// The replay says on this channel when a day is over. Postgres delivers in the
/// order of the commits, so all of the day's transitions come before it.
const DAYS: &str = "demo_days";
const END: &str = "end";

pub struct Watcher(JoinHandle<Result<i64>>);

impl Watcher {
    /// How many transitions were heard of.
    pub fn finish(self) -> Result<i64> {
        match self.0.join() {
            Ok(heard) => heard,
            Err(_) => bail!("the listener panicked"),
        }
    }
}

pub fn end_of_day(client: &mut Client, date: &str, last: bool) -> Result<()> {
    client.execute("SELECT pg_notify($1, $2)", &[&DAYS, &date])?;
    if last {
        client.execute("SELECT pg_notify($1, $2)", &[&DAYS, &END])?;
    }
    Ok(())
}

pub fn start(client: Client) -> Result<Watcher> {
    let mut listener = Listener::new(client, "bucket_transitions")?;
    listener.also(DAYS)?;
    Ok(Watcher(std::thread::spawn(move || {
        Screen::new().watch(listener)
    })))
}

/// What one bucket did in a line's time, or several together.
#[derive(Default)]
struct Tally {
    entered: u32,
    left: u32,
    dwelled: u32,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.entered += other.entered;
        self.left += other.left;
        self.dwelled += other.dwelled;
    }

    fn cell(&self) -> String {
        let mut cell = String::new();
        for (sign, n) in [('+', self.entered), ('-', self.left), ('~', self.dwelled)] {
            if n > 0 {
                cell += &format!("{sign}{n} ");
            }
        }
        cell
    }
}

struct Screen {
    verbose: bool,
    heard: i64,
    last_id: i64,
    days: u32,
    today: Vec<(String, String, String)>,
    tallies: HashMap<String, Tally>,
    example: String,
}

impl Screen {
    fn new() -> Self {
        Screen {
            verbose: std::env::var("VERBOSE").is_ok_and(|v| v != "0" && !v.is_empty()),
            heard: 0,
            last_id: 0,
            days: 0,
            today: Vec::new(),
            tallies: HashMap::new(),
            example: String::new(),
        }
    }

    fn watch(mut self, mut listener: Listener) -> Result<i64> {
        self.headings();
        loop {
            let Some(heard) = listener.next(Duration::from_secs(60))? else {
                bail!("the listener heard nothing for a minute");
            };
            if heard.channel != DAYS {
                self.transition(&mut listener, &heard.payload)?;
            } else if heard.payload == END {
                self.line();
                return Ok(self.heard);
            } else {
                self.day_over(&heard.payload);
            }
        }
    }

    /// One transition, or the news that there were too many to tell one by one:
    /// then the outbox is read from where we are, as any client should.
    fn transition(&mut self, listener: &mut Listener, payload: &str) -> Result<()> {
        let json: Value = serde_json::from_str(payload)
            .with_context(|| format!("a notification that is no JSON: {payload}"))?;
        let text = |key: &str| -> Result<String> {
            let value = json[key].as_str();
            Ok(value
                .with_context(|| format!("no {key} in {payload}"))?
                .to_string())
        };
        if json["wake"] == Value::Bool(true) {
            let count = json["count"].as_i64().context("a wake without a count")?;
            let rows = listener.client().query(
                "SELECT id, bucket_id, transition, user_id FROM bucket_transitions
                 WHERE id > $1 ORDER BY id LIMIT $2",
                &[&self.last_id, &count],
            )?;
            ensure!(
                rows.len() as i64 == count,
                "woken for {count}, found {}",
                rows.len()
            );
            for row in rows {
                self.last_id = row.get(0);
                self.today.push((row.get(1), row.get(2), row.get(3)));
            }
            self.heard += count;
        } else {
            // An id may come as a number or as text.
            let id = json["id"]
                .as_i64()
                .or_else(|| json["id"].as_str()?.parse().ok());
            self.last_id = self
                .last_id
                .max(id.with_context(|| format!("no id in {payload}"))?);
            self.today
                .push((text("bucketId")?, text("transition")?, text("userId")?));
            self.heard += 1;
        }
        Ok(())
    }

    fn day_over(&mut self, date: &str) {
        for (bucket, transition, user) in std::mem::take(&mut self.today) {
            let tally = self.tallies.entry(bucket.clone()).or_default();
            let sign = match transition.as_str() {
                "entered" => {
                    tally.entered += 1;
                    '+'
                }
                "left" => {
                    tally.left += 1;
                    '-'
                }
                _ => {
                    tally.dwelled += 1;
                    '~'
                }
            };
            if self.verbose {
                println!("{date}  {sign}{bucket:<20} {user}");
            }
            self.example = format!("{date}  {sign}{bucket} {user}");
        }
        self.days += 1;
        if self.days.is_multiple_of(7) {
            self.line();
        }
    }

    fn headings(&self) {
        if self.verbose {
            return;
        }
        println!("\nA line a week: + entered, - left, ~ has been in it for as long as asked\n");
        for short in BUCKETS.iter().filter_map(|bucket| bucket.short) {
            print!("{short:<14} ");
        }
        println!("{:<14} the last of them", "others");
    }

    fn line(&mut self) {
        let mut tallies = std::mem::take(&mut self.tallies);
        if self.verbose || tallies.is_empty() {
            return;
        }
        for bucket in BUCKETS.iter().filter(|bucket| bucket.short.is_some()) {
            let tally = tallies.remove(bucket.id).unwrap_or_default();
            print!("{:<14} ", tally.cell());
        }
        let mut others = Tally::default();
        tallies.into_values().for_each(|tally| others.add(tally));
        println!("{:<14} {}", others.cell(), self.example);
    }
}
