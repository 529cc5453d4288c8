//! What a page is made of, as the database tells it in JSON.

use super::series::sum;
use crate::criteria::Outline;
use serde::Deserialize;

/// As many days are looked back on.
pub const HISTORY: usize = 60;
/// As many are looked ahead to, today among them.
pub const AHEAD: usize = 7;

/// All that a page shows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub database: String,
    /// Whose rights it was read with.
    pub role: String,
    pub version: String,
    /// When, in the zone of the session.
    pub at: String,
    pub zone: String,
    /// The day of that, as a number since the beginning of 2000.
    pub today: i64,
    pub checks: Vec<Check>,
    /// How many buckets there are, and how many of them are enabled.
    pub defined: i64,
    pub enabled: i64,
    /// About how many contacts and events there are, where the server has an idea.
    pub contacts: Option<i64>,
    pub events: Option<i64>,
    /// The busiest first. Only some of many have days.
    pub buckets: Vec<Bucket>,
    /// Of all buckets together.
    pub days: Vec<Day>,
    pub forecast: Vec<i64>,
    pub consumers: Vec<Consumer>,
    pub feeds: Vec<Feed>,
    pub jobs: Vec<Job>,
    /// By journey, and in it by step.
    pub journeys: Vec<Step>,
    /// If the page is about one bucket.
    pub one: Option<One>,
}

/// A row of hogsend_health().
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    pub detail: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Bucket {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub enabled: bool,
    pub active: i64,
    /// In the last 24 hours, with a word and without one.
    pub entered: i64,
    pub left: i64,
    pub entered_silently: i64,
    pub left_silently: i64,
    pub left_total: i64,
    /// Lengths in seconds.
    pub average_stay: Option<f64>,
    pub lateness: Option<[f64; 2]>,
    pub next_due: Option<String>,
    pub job: Option<String>,
    pub refreshed_at: Option<String>,
    pub next_refresh: Option<String>,
    pub refresh_took: Option<f64>,
    pub refresh_error: Option<String>,
    /// Days on which somebody moved; `None`: not looked at.
    pub days: Option<Vec<Day>>,
    /// How many are to be looked at on each of the days ahead.
    pub forecast: Vec<i64>,
}

impl Bucket {
    /// How many moved in the last 24 hours, told or not.
    pub(super) fn moves(&self) -> i64 {
        sum([
            self.entered,
            self.left,
            self.entered_silently,
            self.left_silently,
        ])
    }
}

/// How many moved on a day: how many days ago that was, then who entered and left, and who did so
/// without a word.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Day(pub i64, pub i64, pub i64, pub i64, pub i64);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Consumer {
    pub name: String,
    /// Which of how many.
    pub shard: i64,
    pub shards: i64,
    /// The buckets that it asked for; `None`: all.
    pub buckets: Option<Vec<String>>,
    pub behind: i64,
    pub age: Option<f64>,
    pub batch_is_out: bool,
    pub last_batch: Option<String>,
    pub last_ack: Option<String>,
    pub lapsed: bool,
}

/// An attached table.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Feed {
    pub name: String,
    pub kind: String,
    pub relation: Option<String>,
    pub import: String,
    pub imported: i64,
    pub to_import: Option<i64>,
    pub skipped: i64,
    pub failed: i64,
    pub error: Option<String>,
    pub is_whole: bool,
}

/// A step of a journey, as its runner calls it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Step {
    pub journey: String,
    pub name: String,
    pub enabled: bool,
    /// Not so of a journey that nobody has begun.
    pub is_taken: bool,
    pub label: Option<String>,
    /// Who is there now, waiting or at work.
    pub waiting: i64,
    pub reached: i64,
    pub timed_out: i64,
    pub exited: i64,
    pub median: Option<f64>,
}

/// A backfill or re-evaluation that is not done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Job {
    pub bucket: String,
    pub mode: String,
    pub status: String,
    pub total: Option<i64>,
    pub processed: i64,
    pub joined: i64,
    pub left: i64,
    pub moved_at: Option<String>,
    pub error: Option<String>,
}

/// What is shown of one bucket alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct One {
    pub description: Option<String>,
    /// The document, as it is stored.
    pub criteria: Option<String>,
    /// The same in words, added by whoever can read it.
    #[serde(skip)]
    pub outline: Option<Outline>,
    pub query: Option<String>,
    /// The rules of its stays, in words: what, and how it is set.
    pub rules: Vec<(String, String)>,
    /// Journeys that begin, go on or end by its transitions.
    pub journeys: Vec<String>,
    pub transitions: Vec<Transition>,
    /// Among how many of the latest those were looked for.
    pub looked_at: i64,
    pub members: Vec<Member>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Transition {
    pub at: String,
    pub user: String,
    pub transition: String,
    pub entry: i64,
    pub reason: Option<String>,
    pub source: String,
    /// Of a dwell its label, `after-<ms>` or `every-<ms>`, and which time it was.
    pub dwell: Option<String>,
    pub dwell_count: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    pub user: String,
    pub since: String,
    pub entry: i64,
    pub why: Vec<Reason>,
}

/// A row of hogsend_explain().
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    pub path: String,
    pub condition: String,
    pub result: Option<bool>,
    pub observed: String,
    pub flips_at: Option<String>,
}
