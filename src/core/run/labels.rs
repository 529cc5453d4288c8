//! What is kept of a run's way for the statistics of its journey: a line a label.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Change;
use crate::time::Span;

/// Of so many labels of a run something is kept. A runner that makes up labels as it goes is not stopped; the
/// further ones do not count.
pub const MOST_LABELS: usize = 100;

/// How a run went on from where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits no longer, because the event came or the sleep is over.
    Resumed,
    TimedOut,
    Exited,
    /// Its runner told it to go on, or ended it.
    Left,
}

/// What is kept of one label of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Label {
    pub reached: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub timed_out: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub exited: i64,
    /// How long it was there the last time, waits without the work after them; `None`: it still is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

fn is_zero(count: &i64) -> bool {
    *count == 0
}

/// The labels of a run. Where it is before its runner has said anything is called by no name: ``.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, Label>);

/// As they were stored.
impl FromIterator<(String, Label)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, Label)>>(all: I) -> Labels {
        Labels(all.into_iter().collect())
    }
}

impl Labels {
    /// Those of a run that begins.
    pub fn started() -> Labels {
        let mut labels = Labels(BTreeMap::new());
        labels.reach("");
        labels
    }

    /// As they are stored. What cannot be read, because somebody wrote something else there, is begun anew.
    pub fn parse(json: &str) -> Labels {
        serde_json::from_str(json).unwrap_or_else(|_| Labels(BTreeMap::new()))
    }

    /// As they are to be stored.
    pub fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Each label with what is kept of it, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Label)> {
        self.0.iter().map(|(name, label)| (name.as_str(), label))
    }

    pub fn get(&self, label: &str) -> Option<&Label> {
        self.0.get(label)
    }

    /// Notes a change of a run that is at the label `from` and that has held its place (`since`) for so long.
    /// `to` is the label that its runner names, if the change is one of its runner's that names one.
    pub fn note(&mut self, change: Change, from: &str, to: Option<&str>, held: Span) {
        let outcome = match change {
            Change::Start { .. } => return self.reach(""),
            Change::Resume { timed_out } => match timed_out {
                Some(true) => Outcome::TimedOut,
                _ => Outcome::Resumed,
            },
            Change::Exit(_) => Outcome::Exited,
            Change::Wait { .. } | Change::Checkpoint | Change::Complete | Change::Fail => {
                Outcome::Left
            }
        };
        self.leave(from, outcome, held);
        if let Some(to) = to {
            self.reach(to);
        }
    }

    /// Notes that the run has come to a label.
    pub fn reach(&mut self, label: &str) {
        if let Some(label) = self.at(label) {
            label.reached = label.reached.saturating_add(1);
            label.seconds = None;
        }
    }

    /// Notes that it goes on from there after so long. Only the first that is noted says how long it took.
    pub fn leave(&mut self, label: &str, outcome: Outcome, after: Span) {
        let Some(label) = self.at(label) else { return };
        match outcome {
            Outcome::TimedOut => label.timed_out = label.timed_out.saturating_add(1),
            Outcome::Exited => label.exited = label.exited.saturating_add(1),
            Outcome::Resumed | Outcome::Left => {}
        }
        let seconds = after.0.max(0) as f64 / Span::SECOND.0 as f64;
        label.seconds.get_or_insert(seconds);
    }

    fn at(&mut self, label: &str) -> Option<&mut Label> {
        if !self.0.contains_key(label) {
            if self.0.len() >= MOST_LABELS {
                return None;
            }
            self.0.insert(label.to_owned(), Label::default());
        }
        self.0.get_mut(label)
    }
}
