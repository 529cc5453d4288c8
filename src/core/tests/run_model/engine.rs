//! Does with the core what the extension does: stored runs, one timer, an outbox, a queue.

use hogsend_core::run::{
    self, Caller, Change, Exit, Happened, Labels, Policy, Role, Run, Transition, due, end, happen,
    tell,
};
use hogsend_core::stay::EntryLimit;
use hogsend_core::time::{Instant, Span};

use crate::life::{Call, EXIT, Event, How, Journey, Kind, Limit, Row, STARTS, Where, World, name};

#[derive(Clone)]
struct Stored {
    run: Run,
    label: Option<String>,
    /// The event that the run waits for, and the least amount that the filter lets through.
    event: Option<(usize, i64)>,
    reason: Option<String>,
    labels: String,
    /// The place of its last outbox row.
    last_row: usize,
}

#[derive(Clone)]
pub struct Engine {
    unit: i64,
    policy: Policy,
    deleted: bool,
    runs: Vec<Stored>,
    timer: Option<Instant>,
    queue: Vec<(i64, Event)>,
    rows: Vec<Row>,
    pub world: World,
}

impl Engine {
    pub fn new(journey: &Journey) -> Engine {
        let span = |ticks: i64| Span(ticks * journey.unit);
        let entry_limit = match journey.limit {
            Limit::Unlimited => EntryLimit::Unlimited,
            Limit::Once => EntryLimit::Once,
            Limit::Period(period) => EntryLimit::OncePerPeriod(period.map(span)),
        };
        Engine {
            unit: journey.unit,
            policy: Policy {
                enabled: true,
                entry_limit,
            },
            deleted: false,
            runs: Vec::new(),
            timer: None,
            queue: Vec::new(),
            rows: Vec::new(),
            world: World::default(),
        }
    }

    fn instant(&self, tick: i64) -> Instant {
        Instant(tick * self.unit)
    }

    fn tick(&self, at: Instant) -> i64 {
        assert_eq!(at.0 % self.unit, 0, "{at:?} is between two ticks");
        at.0 / self.unit
    }

    pub fn enabled(&mut self, enabled: bool) {
        self.policy.enabled = enabled;
    }

    pub fn statement(&mut self, at: i64, events: &[Event], how: How) {
        match how {
            How::Silent => {}
            How::Later => self.queue.extend(events.iter().map(|event| (at, *event))),
            How::Evaluated => {
                let events: Vec<_> = events.iter().map(|event| (None, at, *event)).collect();
                self.happened(at, &events);
            }
        }
    }

    /// Each event with when it came, if that was not now, and the tick from which its `ago` counts.
    fn happened(&mut self, at: i64, events: &[(Option<i64>, i64, Event)]) {
        if self.deleted {
            return;
        }
        let mut happened = Vec::new();
        let awaited = self.runs.last().and_then(|stored| stored.event);
        for (place, (arrived, _, event)) in events.iter().enumerate() {
            let arrived = arrived.map(|tick| self.instant(tick));
            let mut is = |role| {
                happened.push(Happened {
                    role,
                    place,
                    arrived,
                })
            };
            if STARTS.contains(&event.name) {
                is(Role::Start);
            }
            if event.name == EXIT {
                is(Role::Exit);
            }
            if awaited.is_some_and(|(name, least)| name == event.name && least <= event.amount) {
                is(Role::Awaited);
            }
        }
        let now = self.instant(at);
        let latest = self.runs.last().map(|stored| &stored.run);
        let Some((change, place)) = happen(&self.policy, latest, &happened, now) else {
            return;
        };
        let (_, from, event) = events[place];
        self.write(at, change, Some(name(event.name)), from - event.ago);
    }

    pub fn clock(&mut self, at: i64) {
        // What was put by came before the clock did.
        let queue = std::mem::take(&mut self.queue);
        let events: Vec<_> = queue
            .into_iter()
            .map(|(came, event)| (Some(came), came, event))
            .collect();
        self.happened(at, &events);
        let now = self.instant(at);
        let Some(timer) = self.timer.filter(|timer| *timer <= now) else {
            return;
        };
        let latest = self.runs.last().expect("only runs have timers");
        let change = due(&latest.run, now).expect("a timer that is due is of a run that waits");
        let effective = self.tick(timer);
        self.write(at, change, None, effective);
    }

    pub fn contact(&mut self, at: i64, deleted: bool) {
        self.deleted = deleted;
        if deleted {
            self.end(at, Exit::ContactDeleted);
        }
    }

    pub fn journey_deleted(&mut self, at: i64) {
        self.end(at, Exit::JourneyDeleted);
    }

    fn end(&mut self, at: i64, exit: Exit) {
        let latest = self.runs.last().map(|stored| stored.run);
        if let Some(change) = latest.and_then(|run| end(&run, exit)) {
            self.write(at, change, exit.reason().map(str::to_owned), at);
        }
    }

    pub fn call(&mut self, at: i64, run: i32, call: &Call, step: Option<usize>) -> bool {
        let stored = &self.runs[run as usize - 1];
        let caller = match step {
            Some(step) => Caller::Answers {
                is_last: stored.last_row == step,
            },
            None => Caller::Anybody,
        };
        let (said, label, event) = match *call {
            Call::Sleep { ticks, label } => {
                let until = self.instant(at + ticks);
                (run::Call::Sleep { until }, Some(label), None)
            }
            Call::WaitFor {
                event,
                least,
                ticks,
                label,
            } => {
                let until = self.instant(at + ticks);
                let event = Some((event, least));
                (run::Call::WaitFor { until }, Some(label), event)
            }
            Call::Checkpoint { label } => (run::Call::Checkpoint, Some(label), stored.event),
            Call::Complete => (run::Call::Complete, None, None),
            Call::Fail => (run::Call::Fail, None, None),
        };
        let waited = stored.run.timer().is_some();
        let Some(change) = tell(&stored.run, said, caller) else {
            return false;
        };
        assert_eq!(run as usize, self.runs.len(), "only the latest may be live");
        if waited && step.is_none() && matches!(change, Change::Wait { .. }) {
            *self.world.counts.entry("told anew").or_default() += 1;
        }
        let now = self.instant(at);
        let stored = self.runs.last_mut().expect("it was found");
        stored.note(change, label, now);
        stored.run = stored.run.after(change, now);
        stored.event = event;
        if let Some(label) = label {
            stored.label = Some(label.to_owned());
        }
        self.timer = stored.run.timer();
        true
    }

    fn write(&mut self, at: i64, change: Change, reason: Option<String>, effective: i64) {
        let now = self.instant(at);
        if let Change::Start { entry_count } = change {
            assert_eq!(entry_count as usize, self.runs.len() + 1);
            self.runs.push(Stored {
                run: Run::started(entry_count.into(), entry_count, now),
                label: None,
                event: None,
                reason: None,
                labels: Labels::started().text(),
                last_row: 0,
            });
        } else {
            let stored = self.runs.last_mut().expect("it goes on or ends");
            stored.note(change, None, now);
            stored.run = stored.run.after(change, now);
            stored.event = None;
        }
        let place = self.rows.len() + 1;
        let stored = self.runs.last_mut().expect("there is one now");
        self.timer = stored.run.timer();
        if matches!(change, Change::Exit(_)) {
            stored.reason = reason.clone();
        }
        let Some(transition) = change.transition() else {
            return;
        };
        stored.last_row = place;
        self.rows.push(Row {
            entry_count: stored.run.entry_count,
            step: stored.run.step,
            kind: match transition {
                Transition::Started => Kind::Started,
                Transition::Resumed => Kind::Resumed,
                Transition::Exited => Kind::Exited,
            },
            reason,
            label: stored.label.clone(),
            timed_out: match change {
                Change::Resume { timed_out } => timed_out,
                _ => None,
            },
            effective,
        });
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn runs(&self) -> Vec<Where> {
        self.runs.iter().map(|stored| self.place(stored)).collect()
    }

    fn place(&self, stored: &Stored) -> Where {
        let run = &stored.run;
        let labels = Labels::parse(&stored.labels);
        let ticks = |seconds: f64| (seconds * 1_000_000.0 / self.unit as f64).round() as i64;
        let labels = labels.iter().map(|(name, label)| {
            let ticks = label.seconds.map(ticks);
            let name = name.to_owned();
            (name, label.reached, label.timed_out, label.exited, ticks)
        });
        Where {
            entry_count: run.entry_count,
            status: run.status().as_str(),
            label: stored.label.clone(),
            since: self.tick(run.since),
            waits_until: run.timer().map(|at| self.tick(at)),
            waits_for: stored.event.map(|(event, _)| name(event)),
            ended: run.ended_at().map(|at| self.tick(at)),
            reason: stored.reason.clone(),
            labels: labels.collect(),
        }
    }
}

impl Stored {
    fn note(&mut self, change: Change, to: Option<&str>, now: Instant) {
        let mut labels = Labels::parse(&self.labels);
        let from = self.label.as_deref().unwrap_or("");
        labels.note(change, from, to, now.since(self.run.since));
        self.labels = labels.text();
    }
}
