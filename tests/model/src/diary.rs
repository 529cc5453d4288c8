//! The runs of one user through one journey, as the specification words them. There is no state but a diary
//! of what was done; where a run is and what it waits for is read out of it each time, from the beginning.
//! Instants are numbers of any unit.

mod merge;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Unlimited,
    Once,
    /// Not so soon after the end of the last run.
    Period(Option<i64>),
}

/// What a journey asks of who wants to begin.
#[derive(Clone, Copy, Debug)]
pub struct Entrance {
    pub is_open: bool,
    pub limit: Limit,
}

/// Something that happened, and what it is to the journey.
#[derive(Clone, Copy, Debug, Default)]
pub struct Came {
    pub begins: bool,
    pub ends: bool,
    /// It is what the run waits for now, and passes the filter.
    pub is_awaited: bool,
    /// When it came, where it was put by until now.
    pub put_by_at: Option<i64>,
}

/// What a runner says.
#[derive(Clone, Debug)]
pub enum Call {
    /// Without an event it sleeps.
    Wait {
        event: Option<String>,
        until: i64,
        label: String,
    },
    Checkpoint {
        label: String,
    },
    Complete,
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Started,
    Resumed,
    Exited,
}

/// What the runner is to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub kind: Kind,
    pub entry_count: i64,
    /// Which one of its run it is.
    pub step: i64,
    /// What did it; the clock if nothing did.
    pub by: Option<usize>,
    pub label: Option<String>,
    /// `None` where nothing was waited for.
    pub timed_out: Option<bool>,
    /// What the clock ended was to end then.
    pub until: Option<i64>,
}

/// A label of a run, how often it came to it, timed out and was ended there, and how long it was there the
/// last time.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub label: String,
    pub reached: i64,
    pub timed_out: i64,
    pub exited: i64,
    pub for_so_long: Option<i64>,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub entry_count: i64,
    pub status: &'static str,
    pub step: i64,
    pub label: Option<String>,
    pub started_at: i64,
    pub since: i64,
    pub waits_until: Option<i64>,
    pub waits_for: Option<String>,
    pub ended_at: Option<i64>,
    /// Why it was ended, where neither an event nor its runner did that.
    pub reason: Option<&'static str>,
    /// In the order of the labels; the first is that of who has not been told anything yet.
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
enum Did {
    Begin,
    Wait {
        event: Option<String>,
        until: i64,
        label: String,
    },
    Say {
        label: String,
    },
    Resume {
        timed_out: Option<bool>,
    },
    End {
        status: &'static str,
        reason: Option<&'static str>,
    },
}

#[derive(Clone, Debug)]
struct Entry {
    at: i64,
    did: Did,
    /// The runner was told of it.
    was_said: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Diary(Vec<Entry>);

impl Diary {
    /// The entries of each run.
    fn lives(&self) -> Vec<&[Entry]> {
        let begins = |place: &usize| matches!(self.0[*place].did, Did::Begin);
        let starts: Vec<usize> = (0..self.0.len()).filter(begins).collect();
        let ends = starts.iter().skip(1).copied().chain([self.0.len()]);
        let lives = starts.iter().zip(ends);
        lives.map(|(from, to)| &self.0[*from..to]).collect()
    }

    fn live(&self) -> Option<&[Entry]> {
        let last = self.lives().last().copied();
        last.filter(|life| ended(life).is_none())
    }

    /// How many runs there were.
    pub fn len(&self) -> usize {
        self.lives().len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the user's run waits for, if it waits for an event.
    pub fn awaits(&self) -> Option<&str> {
        match &wait(self.live()?)?.did {
            Did::Wait { event, .. } => event.as_deref(),
            _ => None,
        }
    }

    fn admits(&self, entrance: Entrance, now: i64) -> bool {
        let lives = self.lives();
        let mut ends = lives.iter().filter_map(|life| Some(ended(life)?.at));
        entrance.is_open
            && match entrance.limit {
                Limit::Unlimited | Limit::Period(None) => true,
                Limit::Once => self.is_empty(),
                Limit::Period(Some(period)) => ends.all(|end| now - end >= period),
            }
    }

    /// Things happen, in that order; of what was put by, each came at its own time.
    pub fn come(&mut self, entrance: Entrance, now: i64, came: &[Came]) -> Option<Said> {
        let when = |came: &Came| came.put_by_at.unwrap_or(now);
        let since = |came: &Came, at: i64| came.put_by_at.is_none_or(|put_by| put_by >= at);
        let Some(life) = self.live() else {
            if !self.admits(entrance, now) {
                return None;
            }
            // What had come when the last run ended came to a user who was in the journey.
            let free_since = self
                .lives()
                .last()
                .and_then(|life| ended(life))
                .map(|e| e.at);
            let by = came.iter().position(|one| {
                let is_ended = came
                    .iter()
                    .any(|other| other.ends && when(other) >= when(one));
                one.begins && !is_ended && free_since.is_none_or(|at| since(one, at))
            });
            return by.map(|by| self.enter(now, Did::Begin, Some(Some(by))).expect("said"));
        };
        let begun = life[0].at;
        if let Some(by) = came.iter().position(|one| one.ends && since(one, begun)) {
            let did = Did::End {
                status: "exited",
                reason: None,
            };
            return self.enter(now, did, Some(Some(by)));
        }
        let waits_since = wait(life)?.at;
        self.awaits()?;
        let is_it = |one: &Came| one.is_awaited && since(one, waits_since);
        let by = came.iter().position(is_it)?;
        let timed_out = Some(false);
        self.enter(now, Did::Resume { timed_out }, Some(Some(by)))
    }

    /// The clock comes by.
    pub fn look(&mut self, now: i64) -> Option<Said> {
        let Did::Wait { event, until, .. } = &wait(self.live()?)?.did else {
            return None;
        };
        if *until > now {
            return None;
        }
        let (timed_out, until) = (event.is_some().then_some(true), *until);
        let said = self.enter(now, Did::Resume { timed_out }, Some(None))?;
        Some(Said {
            until: Some(until),
            ..said
        })
    }

    /// The run ends from outside, if there is any: with or without a word.
    pub fn end(&mut self, now: i64, reason: &'static str, aloud: bool) -> Option<Said> {
        self.live()?;
        let did = Did::End {
            status: "exited",
            reason: Some(reason),
        };
        self.enter(now, did, aloud.then_some(None))
    }

    /// Somebody tells a run something, perhaps in answer to a step of it. Says whether anything came of it.
    pub fn tell(&mut self, now: i64, run: i64, call: &Call, step: Option<i64>) -> bool {
        let lives = self.lives();
        let life = lives[run as usize - 1];
        if ended(life).is_some() {
            return false;
        }
        // Who answers a step is too late once there is another one, or the run waits.
        if let Some(step) = step {
            let last = life.iter().rposition(|entry| entry.was_said);
            let last = last.expect("a run begins with a word");
            if steps(life) != step || wait(&life[last..]).is_some() {
                return false;
            }
        }
        let did = match call.clone() {
            Call::Wait {
                event,
                until,
                label,
            } => Did::Wait {
                event,
                until,
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

    fn enter(&mut self, at: i64, did: Did, said: Option<Option<usize>>) -> Option<Said> {
        let timed_out = match did {
            Did::Resume { timed_out } => timed_out,
            _ => None,
        };
        let kind = match did {
            Did::Begin => Kind::Started,
            Did::Resume { .. } => Kind::Resumed,
            _ => Kind::Exited,
        };
        let was_said = said.is_some();
        self.0.push(Entry { at, did, was_said });
        let by = said?;
        let lives = self.lives();
        let life = lives.last().expect("something was done to a run");
        Some(Said {
            kind,
            entry_count: lives.len() as i64,
            step: steps(life),
            by,
            label: label(life).map(str::to_owned),
            timed_out,
            until: None,
        })
    }

    pub fn runs(&self) -> Vec<Place> {
        let lives = self.lives().into_iter().enumerate();
        lives.map(|(number, life)| place(number, life)).collect()
    }
}

fn ended(life: &[Entry]) -> Option<&Entry> {
    let mut entries = life.iter();
    entries.find(|entry| matches!(entry.did, Did::End { .. }))
}

/// The entry by which the run waits now.
fn wait(life: &[Entry]) -> Option<&Entry> {
    let told = life.iter().rev();
    let mut told = told.filter(|entry| !matches!(entry.did, Did::Say { .. }));
    told.next()
        .filter(|entry| matches!(entry.did, Did::Wait { .. }))
}

fn label(life: &[Entry]) -> Option<&str> {
    life.iter().rev().find_map(named)
}

fn named(entry: &Entry) -> Option<&str> {
    match &entry.did {
        Did::Wait { label, .. } | Did::Say { label } => Some(label),
        _ => None,
    }
}

/// How often the runner was told of it.
fn steps(life: &[Entry]) -> i64 {
    life.iter().filter(|entry| entry.was_said).count() as i64
}

/// Since when it waits, or else when something was last done to it.
fn since(life: &[Entry]) -> i64 {
    let last = life.last().expect("a run begins");
    wait(life).unwrap_or(last).at
}

fn place(number: usize, life: &[Entry]) -> Place {
    let end = ended(life);
    let wait = if end.is_some() { None } else { wait(life) };
    let (status, reason) = match end.map(|end| &end.did) {
        Some(Did::End { status, reason }) => (*status, *reason),
        _ if wait.is_some() => ("waiting", None),
        _ => ("active", None),
    };
    let (waits_until, waits_for) = match wait.map(|wait| &wait.did) {
        Some(Did::Wait { until, event, .. }) => (Some(*until), event.clone()),
        _ => (None, None),
    };
    let mut labels = vec![""];
    labels.extend(life.iter().filter_map(named));
    labels.sort_unstable();
    labels.dedup();
    Place {
        entry_count: number as i64 + 1,
        status,
        step: steps(life),
        label: label(life).map(str::to_owned),
        started_at: life[0].at,
        since: since(life),
        waits_until,
        waits_for,
        ended_at: end.map(|end| end.at),
        reason,
        lines: labels.into_iter().map(|name| line(life, name)).collect(),
    }
}

fn line(life: &[Entry], name: &str) -> Line {
    let mut line = Line {
        label: name.to_owned(),
        reached: 0,
        timed_out: 0,
        exited: 0,
        for_so_long: None,
    };
    for (place, entry) in life.iter().enumerate() {
        let before = label(&life[..place]).unwrap_or("");
        // The first thing that is done to it there ends the time that counts.
        let leaves = place > 0 && before == name;
        if leaves && line.for_so_long.is_none() {
            line.for_so_long = Some(entry.at - since(&life[..place]));
        }
        match &entry.did {
            Did::Resume {
                timed_out: Some(true),
            } if leaves => line.timed_out += 1,
            Did::End {
                status: "exited", ..
            } if leaves => line.exited += 1,
            _ => {}
        }
        let comes = match &entry.did {
            Did::Begin => name.is_empty(),
            _ => named(entry) == Some(name),
        };
        if comes {
            line.reached += 1;
            line.for_so_long = None;
        }
    }
    line
}
