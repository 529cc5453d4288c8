//! What becomes of runs. A diary has what was done to those of one user and journey; beside it is what it does not
//! ask about.

use super::{Happened, Journey, Model, Row, What};
use crate::journeys::history::{Call, Event, Said};
use hogsend_model::filter::Filter;
use hogsend_model::{Diary, Occurrence, diary};

/// The runs of a user of a journey, of which each has a place in the lists.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    pub diary: Diary,
    /// What the event that it waits for must satisfy.
    filter: Option<Filter>,
    /// How many runs of whomever had begun before.
    pub begun: Vec<u64>,
    pub states: Vec<Option<i64>>,
    pub errors: Vec<Option<&'static str>>,
    /// What ended each, where that was something that happened.
    pub reasons: Vec<Option<String>>,
}

impl Model {
    /// Things happen to a user, in this order, and are announced.
    pub(super) fn happen(
        &mut self,
        user: &'static str,
        happened: &[Happened],
        source: &'static str,
    ) {
        for (id, journey) in self.journeys.clone() {
            let concerned: Vec<&Happened> = happened
                .iter()
                .filter(|happened| journey.names(&happened.name))
                .collect();
            if !concerned.is_empty() {
                self.happen_to(user, id, &journey, &concerned, source);
            }
        }
    }

    fn happen_to(
        &mut self,
        user: &'static str,
        id: &'static str,
        journey: &Journey,
        happened: &[&Happened],
        source: &'static str,
    ) {
        let definition = &journey.definition;
        let entrance = diary::Entrance {
            is_open: definition.enabled,
            limit: definition.limit,
        };
        let mut runs = self.runs.remove(&(user, id)).unwrap_or_default();
        let awaited = runs.diary.awaits().map(str::to_owned);
        let mut came = Vec::new();
        for happened in happened {
            let is_it = awaited.as_deref() == Some(happened.name.as_str());
            let passes = is_it && self.passes(runs.filter.as_ref(), happened);
            came.push(diary::Came {
                begins: definition.starts.contains(&happened.name.as_str()),
                ends: definition.exits.contains(&happened.name.as_str()),
                is_awaited: passes,
                put_by_at: happened.put_by_at,
            });
        }
        if let Some(said) = runs.diary.come(entrance, self.now, &came) {
            let by = happened[said.by.expect("something did it")];
            if said.kind == diary::Kind::Started {
                runs.begin(self.begun);
                self.begun += 1;
            }
            if said.kind == diary::Kind::Exited {
                *runs.reasons.last_mut().expect("a run") = Some(by.name.clone());
            }
            if runs.filter.is_some() && said.kind == diary::Kind::Resumed {
                self.seen.insert("resumed through a filter");
            }
            self.seen.insert(match (said.kind, &by.what) {
                (diary::Kind::Started, What::Event(_)) => "started by an event",
                (diary::Kind::Started, What::Transition(_)) => "started by a transition",
                (diary::Kind::Resumed, What::Event(_)) => "resumed by an event",
                (diary::Kind::Resumed, What::Transition(_)) => "resumed by a transition",
                (diary::Kind::Exited, What::Event(_)) => "exited by an event",
                (diary::Kind::Exited, What::Transition(_)) => "exited by a transition",
            });
            runs.filter = None;
            let reason = Some(by.name.clone());
            let row = self.row(user, id, &said, reason, source);
            self.outbox.push(Row {
                effective_at: by.effective_at,
                by: Some(match &by.what {
                    What::Event(event) => event.number.to_string(),
                    What::Transition(stay) => format!("stay {stay}"),
                }),
                ..row
            });
        }
        self.runs.insert((user, id), runs);
    }

    /// Whether a filter lets something through, and what there is to say of that.
    fn passes(&mut self, filter: Option<&Filter>, happened: &Happened) -> bool {
        let (Some(filter), What::Event(event)) = (filter, &happened.what) else {
            return true;
        };
        let passes = filter.passes(&event.occurrence());
        if !passes {
            self.seen.insert("kept out by a filter");
        }
        passes
    }

    fn row(
        &self,
        user: &'static str,
        journey: &'static str,
        said: &diary::Said,
        reason: Option<String>,
        source: &'static str,
    ) -> Row {
        Row {
            user,
            journey,
            entry_count: said.entry_count,
            step: said.step,
            transition: match said.kind {
                diary::Kind::Started => "started",
                diary::Kind::Resumed => "resumed",
                diary::Kind::Exited => "exited",
            },
            reason,
            source,
            label: said.label.clone(),
            timed_out: said.timed_out,
            effective_at: said.until,
            recorded_at: self.now,
            by: None,
        }
    }

    /// The clock comes to those who wait.
    pub(super) fn time_out(&mut self, user: &'static str) {
        let keys: Vec<_> = self
            .runs
            .keys()
            .filter(|(of, _)| *of == user)
            .copied()
            .collect();
        for (user, id) in keys {
            let runs = self.runs.get_mut(&(user, id)).expect("runs");
            if let Some(said) = runs.diary.look(self.now) {
                runs.filter = None;
                self.seen.insert(match said.timed_out {
                    Some(_) => "timed out",
                    None => "slept",
                });
                let row = self.row(user, id, &said, None, "reconcile");
                self.outbox.push(row);
            }
        }
    }

    pub(super) fn say(&mut self, said: &Said) {
        let now = self.now;
        let Some(runs) = self.runs.get_mut(&(said.user, said.journey)) else {
            return;
        };
        let places = runs.diary.runs();
        let Some(place) = places.len().checked_sub(1 + said.run) else {
            return;
        };
        let step = match said.step {
            None => None,
            Some(before) => match places[place].step - before as i64 {
                step if step >= 1 => Some(step),
                _ => return,
            },
        };
        let call = said.call.told(now);
        let is_done = runs.diary.tell(now, place as i64 + 1, &call, step);
        self.answers.push(is_done);
        if !is_done {
            self.seen.insert("said in vain");
            return;
        }
        if let (Some(state), true) = (said.state, said.call.has_state()) {
            runs.states[place] = Some(state);
        }
        match &said.call {
            Call::WaitFor { event, filter, .. } => {
                runs.filter = filter.clone();
                // It is part of the journey from now on.
                if let Some(journey) = self.journeys.get_mut(said.journey) {
                    journey.awaited.insert(event);
                }
            }
            Call::Checkpoint { .. } => {}
            Call::Fail(error) => {
                runs.errors[place] = Some(error);
                runs.filter = None;
            }
            _ => runs.filter = None,
        }
    }

    pub(super) fn drop(&mut self, id: &'static str) {
        self.journeys.remove(id);
        let keys: Vec<_> = self
            .runs
            .keys()
            .filter(|(_, of)| *of == id)
            .copied()
            .collect();
        for (user, id) in keys {
            let runs = self.runs.get_mut(&(user, id)).expect("runs");
            let said = runs.diary.end(self.now, "journeyDeleted", !self.is_muted);
            if let Some(said) = said {
                self.seen.insert("its journey was deleted");
                let row = self.row(user, id, &said, Some("journeyDeleted".into()), "event");
                self.outbox.push(Row {
                    effective_at: Some(self.now),
                    ..row
                });
            }
        }
    }

    /// The contact is gone.
    pub(super) fn end_runs(&mut self, user: &str) {
        let now = self.now;
        let runs = self.runs.iter_mut();
        for (_, runs) in runs.filter(|((of, _), _)| *of == user) {
            let live = runs.diary.runs().len();
            let is_live = live > 0 && runs.diary.runs()[live - 1].ended_at.is_none();
            if is_live {
                self.seen.insert("its contact was deleted");
            }
            runs.diary.end(now, "deleted", false);
        }
    }

    /// The alias is the user from now on, who has all runs of both.
    pub(super) fn identify(&mut self, alias: &'static str, user: &'static str) {
        if self.aliases.contains_key(alias) {
            return;
        }
        self.aliases.insert(alias, user);
        if self.contacts.remove(alias).is_some() {
            self.contacts.entry(user).or_default();
        }
        let theirs = self.runs.extract_if(.., |(of, _), _| *of == alias);
        for ((_, journey), theirs) in theirs.collect::<Vec<_>>() {
            let own = self.runs.remove(&(user, journey)).unwrap_or_default();
            if theirs.diary.is_empty() {
                self.runs.insert((user, journey), own);
                continue;
            }
            self.seen.insert("merged");
            let merged = Runs::merged([own, theirs], self.now);
            self.runs.insert((user, journey), merged);
        }
    }
}

impl Runs {
    fn merged(both: [Runs; 2], now: i64) -> Runs {
        let diaries = [0, 1].map(|id: usize| both[id].diary.clone());
        let numbers = [0, 1].map(|id: usize| both[id].begun.clone());
        let (diary, runs) = Diary::merged(&diaries, &numbers, now);
        // What is waited for is so by the last, if by any.
        let (last, _) = *runs.last().expect("a run");
        Runs {
            filter: both[last].filter.clone(),
            begun: runs.iter().map(|(id, run)| both[*id].begun[*run]).collect(),
            states: runs
                .iter()
                .map(|(id, run)| both[*id].states[*run])
                .collect(),
            errors: runs
                .iter()
                .map(|(id, run)| both[*id].errors[*run])
                .collect(),
            reasons: runs
                .iter()
                .map(|(id, run)| both[*id].reasons[*run].clone())
                .collect(),
            diary,
        }
    }

    fn begin(&mut self, number: u64) {
        self.begun.push(number);
        self.states.push(None);
        self.errors.push(None);
        self.reasons.push(None);
    }
}

impl Call {
    fn told(&self, now: i64) -> diary::Call {
        let wait = |event: Option<&str>, until, label: &str| diary::Call::Wait {
            event: event.map(str::to_owned),
            until,
            label: label.to_owned(),
        };
        match self {
            Call::Sleep { span, label } => wait(None, now + span, label),
            Call::SleepUntil { at, label } => wait(None, *at, label),
            Call::WaitFor {
                event, span, label, ..
            } => wait(Some(event), now + span, label),
            Call::Checkpoint { label } => diary::Call::Checkpoint {
                label: (*label).to_owned(),
            },
            Call::Complete => diary::Call::Complete,
            Call::Fail(_) => diary::Call::Fail,
        }
    }

    fn has_state(&self) -> bool {
        !matches!(self, Call::Complete | Call::Fail(_))
    }
}

impl Event {
    /// As filters see it.
    fn occurrence(&self) -> Occurrence {
        Occurrence {
            document: self.document.clone(),
            ..Occurrence::new(self.name, self.at)
        }
    }
}
