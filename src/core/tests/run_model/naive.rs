//! The rules once more, as the specification words them. There is no state but a diary of what was done;
//! where a run is and what it waits for is read out of it each time, from the beginning.

use crate::life::{Call, EXIT, Event, How, Journey, Kind, Limit, Row, STARTS, Where, name};

/// What the diary says was done to the user's runs.
#[derive(Clone, Debug)]
enum Did {
    Begin,
    Wait {
        event: Option<(usize, i64)>,
        until: i64,
        label: &'static str,
    },
    Say {
        label: &'static str,
    },
    Resume {
        timed_out: Option<bool>,
    },
    End {
        status: &'static str,
        reason: Option<String>,
    },
}

#[derive(Clone, Debug)]
struct Entry {
    at: i64,
    did: Did,
    /// The place of the row that said so, if one did.
    row: Option<usize>,
}

#[derive(Clone)]
pub struct Naive {
    limit: Limit,
    is_open: bool,
    is_deleted: bool,
    diary: Vec<Entry>,
    put_by: Vec<(i64, Event)>,
    rows: Vec<Row>,
}

impl Naive {
    pub fn new(journey: &Journey) -> Naive {
        Naive {
            limit: journey.limit,
            is_open: true,
            is_deleted: false,
            diary: Vec::new(),
            put_by: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The entries of each run.
    fn lives(&self) -> Vec<&[Entry]> {
        let begins = |entry: &Entry| matches!(entry.did, Did::Begin);
        let starts: Vec<usize> = (0..self.diary.len())
            .filter(|&i| begins(&self.diary[i]))
            .collect();
        let ends = starts.iter().skip(1).copied().chain([self.diary.len()]);
        let lives = starts.iter().zip(ends);
        lives.map(|(from, to)| &self.diary[*from..to]).collect()
    }

    fn ended(life: &[Entry]) -> Option<&Entry> {
        life.iter()
            .find(|entry| matches!(entry.did, Did::End { .. }))
    }

    /// The entry by which the run waits now.
    fn wait(life: &[Entry]) -> Option<&Entry> {
        let told = life.iter().rev();
        let mut told = told.filter(|entry| !matches!(entry.did, Did::Say { .. }));
        told.next()
            .filter(|entry| matches!(entry.did, Did::Wait { .. }))
    }

    fn label(life: &[Entry]) -> Option<&'static str> {
        life.iter().rev().find_map(|entry| match entry.did {
            Did::Wait { label, .. } | Did::Say { label } => Some(label),
            _ => None,
        })
    }

    fn may_begin(&self, now: i64) -> bool {
        let ends: Vec<i64> = self
            .lives()
            .into_iter()
            .filter_map(Self::ended)
            .map(|end| end.at)
            .collect();
        self.is_open
            && match self.limit {
                Limit::Unlimited | Limit::Period(None) => true,
                Limit::Once => ends.is_empty(),
                Limit::Period(Some(period)) => ends.iter().all(|end| now - end >= period),
            }
    }

    fn enter(&mut self, at: i64, did: Did, said: Option<(Kind, Option<String>, i64)>) {
        let timed_out = match &did {
            Did::Resume { timed_out } => *timed_out,
            _ => None,
        };
        let row = said.is_some().then_some(self.rows.len() + 1);
        self.diary.push(Entry { at, did, row });
        let Some((kind, reason, effective)) = said else {
            return;
        };
        let lives = self.lives();
        let life = lives.last().expect("something was done to a run");
        let row = Row {
            entry_count: lives.len() as i32,
            step: life.iter().filter(|entry| entry.row.is_some()).count() as i64,
            kind,
            reason,
            label: Self::label(life).map(str::to_owned),
            timed_out,
            effective,
        };
        self.rows.push(row);
    }

    pub fn statement(&mut self, at: i64, events: &[Event], how: How) {
        match how {
            // Nothing begins, goes on or ends without a word.
            How::Silent => {}
            How::Later => self.put_by.extend(events.iter().map(|event| (at, *event))),
            How::Evaluated => {
                let events: Vec<_> = events.iter().map(|event| (at, *event)).collect();
                self.come(at, &events, false);
            }
        }
    }

    /// Events come, each at its time; `late`: they were put by.
    fn come(&mut self, now: i64, events: &[(i64, Event)], late: bool) {
        // Nobody to have a run.
        if self.is_deleted {
            return;
        }
        let lives = self.lives();
        let live = lives.last().filter(|life| Self::ended(life).is_none());
        let Some(life) = live else {
            if !self.may_begin(now) {
                return;
            }
            // What had come when the last run ended came to a user who was in the journey.
            let free_since = lives
                .last()
                .and_then(|life| Self::ended(life))
                .map(|end| end.at);
            for (came, event) in events {
                let is_start = STARTS.contains(&event.name);
                let exited = events
                    .iter()
                    .any(|(at, other)| other.name == EXIT && at >= came);
                let was_free = !late || free_since.is_none_or(|since| *came >= since);
                if is_start && !exited && was_free {
                    let said = (Kind::Started, Some(name(event.name)), came - event.ago);
                    return self.enter(now, Did::Begin, Some(said));
                }
            }
            return;
        };
        let begun = life[0].at;
        for (came, event) in events {
            if event.name == EXIT && (!late || *came >= begun) {
                let reason = Some(name(EXIT));
                let said = (Kind::Exited, reason.clone(), came - event.ago);
                let status = "exited";
                return self.enter(now, Did::End { status, reason }, Some(said));
            }
        }
        let Some(Entry {
            at: since,
            did:
                Did::Wait {
                    event: Some((awaited, least)),
                    ..
                },
            ..
        }) = Self::wait(life)
        else {
            return;
        };
        for (came, event) in events {
            let is_it = event.name == *awaited && event.amount >= *least;
            if is_it && (!late || came >= since) {
                let said = (Kind::Resumed, Some(name(event.name)), came - event.ago);
                let timed_out = Some(false);
                return self.enter(now, Did::Resume { timed_out }, Some(said));
            }
        }
    }

    pub fn clock(&mut self, now: i64) {
        let put_by = std::mem::take(&mut self.put_by);
        self.come(now, &put_by, true);
        let lives = self.lives();
        let wait = lives.last().and_then(|life| Self::wait(life));
        let Some(Entry {
            did: Did::Wait { event, until, .. },
            ..
        }) = wait
        else {
            return;
        };
        let (until, for_event) = (*until, event.is_some());
        if until <= now {
            let timed_out = for_event.then_some(true);
            self.enter(
                now,
                Did::Resume { timed_out },
                Some((Kind::Resumed, None, until)),
            );
        }
    }

    pub fn enabled(&mut self, enabled: bool) {
        self.is_open = enabled;
    }

    pub fn contact(&mut self, now: i64, deleted: bool) {
        self.is_deleted = deleted;
        if deleted && self.is_live() {
            let reason = Some("deleted".to_owned());
            self.enter(
                now,
                Did::End {
                    status: "exited",
                    reason,
                },
                None,
            );
        }
    }

    pub fn journey_deleted(&mut self, now: i64) {
        if self.is_live() {
            let reason = Some("journeyDeleted".to_owned());
            let said = (Kind::Exited, reason.clone(), now);
            self.enter(
                now,
                Did::End {
                    status: "exited",
                    reason,
                },
                Some(said),
            );
        }
    }

    fn is_live(&self) -> bool {
        self.lives()
            .last()
            .is_some_and(|life| Self::ended(life).is_none())
    }

    pub fn call(&mut self, now: i64, run: i32, call: &Call, step: Option<usize>) -> bool {
        let lives = self.lives();
        let life = lives[run as usize - 1];
        if Self::ended(life).is_some() {
            return false;
        }
        // Who answers a step is too late once there is another one, or the run waits.
        if let Some(step) = step {
            let last = life.iter().rposition(|entry| entry.row.is_some());
            let last = last.expect("a run begins with a row");
            if life[last].row != Some(step) || Self::wait(&life[last..]).is_some() {
                return false;
            }
        }
        let did = match *call {
            Call::Sleep { ticks, label } => Did::Wait {
                event: None,
                until: now + ticks,
                label,
            },
            Call::WaitFor {
                event,
                least,
                ticks,
                label,
            } => Did::Wait {
                event: Some((event, least)),
                until: now + ticks,
                label,
            },
            Call::Checkpoint { label } => Did::Say { label },
            Call::Complete => Did::End {
                status: "completed",
                reason: None,
            },
            Call::Fail => Did::End {
                status: "failed",
                reason: None,
            },
        };
        self.enter(now, did, None);
        true
    }

    pub fn runs(&self) -> Vec<Where> {
        let lives = self.lives().into_iter().enumerate();
        lives
            .map(|(number, life)| Self::place(number, life))
            .collect()
    }

    fn place(number: usize, life: &[Entry]) -> Where {
        let end = Self::ended(life);
        let wait = if end.is_some() {
            None
        } else {
            Self::wait(life)
        };
        let (status, reason) = match end.map(|end| &end.did) {
            Some(Did::End { status, reason }) => (*status, reason.clone()),
            _ if wait.is_some() => ("waiting", None),
            _ => ("active", None),
        };
        let (waits_until, waits_for) = match wait.map(|wait| &wait.did) {
            Some(Did::Wait { until, event, .. }) => {
                (Some(*until), event.map(|(event, _)| name(event)))
            }
            _ => (None, None),
        };
        Where {
            entry_count: number as i32 + 1,
            status,
            label: Self::label(life).map(str::to_owned),
            since: Self::since(life),
            waits_until,
            waits_for,
            ended: end.map(|end| end.at),
            reason,
            labels: Self::labels(life),
        }
    }

    /// Since when it waits, or else when something was last done to it.
    fn since(life: &[Entry]) -> i64 {
        let last = life.last().expect("a run begins");
        Self::wait(life).unwrap_or(last).at
    }

    fn labels(life: &[Entry]) -> Vec<(String, i64, i64, i64, Option<i64>)> {
        let mut names = vec![""];
        names.extend(life.iter().filter_map(|entry| match entry.did {
            Did::Wait { label, .. } | Did::Say { label } => Some(label),
            _ => None,
        }));
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|name| Self::line(life, name))
            .collect()
    }

    fn line(life: &[Entry], name: &str) -> (String, i64, i64, i64, Option<i64>) {
        let (mut reached, mut timed_out, mut exited, mut ticks) = (0, 0, 0, None);
        for (place, entry) in life.iter().enumerate() {
            let before = Self::label(&life[..place]).unwrap_or("");
            let is_here = match entry.did {
                Did::Begin => name.is_empty(),
                Did::Wait { label, .. } | Did::Say { label } => label == name,
                _ => false,
            };
            // The first thing that is done to it there ends the time that counts.
            let leaves = place > 0 && before == name;
            if leaves && ticks.is_none() {
                ticks = Some(entry.at - Self::since(&life[..place]));
            }
            match &entry.did {
                Did::Resume {
                    timed_out: Some(true),
                } if leaves => timed_out += 1,
                Did::End {
                    status: "exited", ..
                } if leaves => exited += 1,
                _ => {}
            }
            if is_here {
                reached += 1;
                ticks = None;
            }
        }
        (name.to_owned(), reached, timed_out, exited, ticks)
    }
}
