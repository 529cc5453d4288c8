//! The other side: the model's diary, a queue, and an outbox.

use hogsend_model::Diary;
use hogsend_model::diary::{self, Came, Entrance, Said};

use crate::life::{Call, EXIT, Event, How, Journey, Row, STARTS, Where, name};

#[derive(Clone)]
pub struct Naive {
    entrance: Entrance,
    is_deleted: bool,
    diary: Diary,
    /// The least amount of the event that the run waits for.
    least: i64,
    put_by: Vec<(i64, Event)>,
    rows: Vec<Row>,
    /// What ended each run, where that was an event.
    ends: Vec<(i64, String)>,
}

impl Naive {
    pub fn new(journey: &Journey) -> Naive {
        let limit = journey.limit;
        Naive {
            entrance: Entrance {
                is_open: true,
                limit,
            },
            is_deleted: false,
            diary: Diary::default(),
            least: 0,
            put_by: Vec::new(),
            rows: Vec::new(),
            ends: Vec::new(),
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
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
        let awaits = self.diary.awaits().map(str::to_owned);
        let came = |(at, event): &(i64, Event)| Came {
            begins: STARTS.contains(&event.name),
            ends: event.name == EXIT,
            is_awaited: awaits == Some(name(event.name)) && event.amount >= self.least,
            put_by_at: late.then_some(*at),
        };
        let came: Vec<Came> = events.iter().map(came).collect();
        if let Some(said) = self.diary.come(self.entrance, now, &came) {
            let (at, event) = events[said.by.expect("an event did it")];
            if said.kind == diary::Kind::Exited {
                self.ends.push((said.entry_count, name(event.name)));
            }
            self.say(said, Some(name(event.name)), at - event.ago);
        }
    }

    fn say(&mut self, said: Said, reason: Option<String>, effective: i64) {
        self.rows.push(Row {
            entry_count: said.entry_count as i32,
            step: said.step,
            kind: said.kind,
            reason,
            label: said.label,
            timed_out: said.timed_out,
            effective,
        });
    }

    pub fn clock(&mut self, now: i64) {
        let put_by = std::mem::take(&mut self.put_by);
        self.come(now, &put_by, true);
        if let Some(said) = self.diary.look(now) {
            let until = said.until.expect("a time was up");
            self.say(said, None, until);
        }
    }

    pub fn enabled(&mut self, enabled: bool) {
        self.entrance.is_open = enabled;
    }

    pub fn contact(&mut self, now: i64, deleted: bool) {
        self.is_deleted = deleted;
        if deleted {
            self.diary.end(now, "deleted", false);
        }
    }

    pub fn journey_deleted(&mut self, now: i64) {
        if let Some(said) = self.diary.end(now, "journeyDeleted", true) {
            self.say(said, Some("journeyDeleted".to_owned()), now);
        }
    }

    pub fn call(&mut self, now: i64, run: i32, call: &Call, step: Option<usize>) -> bool {
        let said = match *call {
            Call::Sleep { ticks, label } => diary::Call::Wait {
                event: None,
                until: now + ticks,
                label: label.to_owned(),
            },
            Call::WaitFor {
                event,
                ticks,
                label,
                ..
            } => diary::Call::Wait {
                event: Some(name(event)),
                until: now + ticks,
                label: label.to_owned(),
            },
            Call::Checkpoint { label } => diary::Call::Checkpoint {
                label: label.to_owned(),
            },
            Call::Complete => diary::Call::Complete,
            Call::Fail => diary::Call::Fail,
        };
        let step = step.map(|place| self.rows[place - 1].step);
        let done = self.diary.tell(now, run.into(), &said, step);
        if let (Call::WaitFor { least, .. }, true) = (call, done) {
            self.least = *least;
        }
        done
    }

    pub fn runs(&self) -> Vec<Where> {
        let runs = self.diary.runs().into_iter();
        runs.map(|place| {
            let mut ends = self.ends.iter();
            let by = ends.find(|(run, _)| *run == place.entry_count);
            let reason = place.reason.map(str::to_owned);
            let lines = place.lines.into_iter();
            Where {
                entry_count: place.entry_count as i32,
                status: place.status,
                label: place.label,
                since: place.since,
                waits_until: place.waits_until,
                waits_for: place.waits_for,
                ended: place.ended_at,
                reason: reason.or_else(|| by.map(|(_, reason)| reason.clone())),
                labels: lines
                    .map(|l| (l.label, l.reached, l.timed_out, l.exited, l.for_so_long))
                    .collect(),
            }
        })
        .collect()
    }
}
