//! Random histories. They are led a little: what a run waits for comes more often than anything else, and what is
//! said is mostly said of runs that are there.

use super::history::{Call, Change, Definition, Event, Said, Statement, Step};
use super::{EVENTS, FRESH_EVENT, JOURNEYS, NAMES, USERS};

/// What there is where some of the users turn out to be one person: what becomes of their stays is told elsewhere, so
/// there are none.
const PLAIN: [&str; 3] = ["a", "b", "d"];
use crate::generate::RICH;
use crate::history::Evaluate;
use crate::instant::{HOUR, START};
use hogsend_model::filter::Filter;
use hogsend_model::{Document, Random, diary};

const LABELS: [&str; 3] = ["one", "two", "three \"3\""];

struct Generator<'r> {
    random: &'r mut Random,
    now: i64,
    /// How many events there were.
    events: i64,
    /// What is waited for, as far as it is remembered: by whom.
    awaited: Vec<(&'static str, &'static str)>,
    defined: Vec<(&'static str, Definition)>,
    /// Who may have begun which journey.
    begun: Vec<(&'static str, &'static str)>,
    /// Some of the users turn out to be one person.
    identifies: bool,
    events_there: &'static [&'static str],
    names: &'static [&'static str],
}

/// The history of a seed.
pub fn history(seed: u64) -> Vec<Step> {
    let random = &mut Random::new(seed);
    let steps = random.between(12, 26);
    let identifies = random.one_in(4);
    let mut generator = Generator {
        random,
        now: START,
        events: 0,
        awaited: Vec::new(),
        defined: Vec::new(),
        begun: Vec::new(),
        identifies,
        events_there: if identifies { &PLAIN } else { &EVENTS },
        names: if identifies { &PLAIN } else { &NAMES },
    };
    let mut history = vec![Step::Alone(generator.definition())];
    while (history.len() as i64) < steps {
        history.push(generator.step());
    }
    history.push(Step::Alone(Statement::Evaluate(Evaluate::On)));
    history.push(Step::Alone(Statement::Reconcile));
    history
}

impl Generator<'_> {
    fn step(&mut self) -> Step {
        match self.random.below(12) {
            0..=2 => Step::Alone(self.jump()),
            3 => Step::Alone(Statement::Reconcile),
            4 | 5 => {
                let statements = 1 + self.random.below(4);
                let statements = (0..statements).map(|_| {
                    let statement = match self.random.below(10) {
                        0 => Statement::Reconcile,
                        1 => self.jump(),
                        _ => self.statement(),
                    };
                    (statement, self.random.one_in(5))
                });
                Step::Transaction {
                    statements: statements.collect(),
                    commit: !self.random.one_in(4),
                }
            }
            _ => Step::Alone(self.statement()),
        }
    }

    fn statement(&mut self) -> Statement {
        match self.random.below(40) {
            30 | 31 | 38.. if self.identifies => Statement::Identify {
                alias: self.random.pick(&USERS[1..]),
                user: USERS[0],
            },
            0..=14 => self.arrival(),
            15..=29 => Statement::Say(Box::new(self.said())),
            30 | 31 => self.by_hand(),
            32 | 33 => self.definition(),
            34 => Statement::Enable {
                journey: self.random.pick(&JOURNEYS),
                enabled: !self.random.one_in(3),
            },
            35 => match self.random.below(4) {
                0 => Statement::Truncate,
                1 => Statement::Silently(Box::new(Statement::Drop(self.random.pick(&JOURNEYS)))),
                _ => Statement::Drop(self.random.pick(&JOURNEYS)),
            },
            36 if self.identifies => {
                Statement::Evaluate(self.random.pick(&[Evaluate::On, Evaluate::Later]))
            }
            36 => Statement::Evaluate(self.random.pick(&[
                Evaluate::On,
                Evaluate::Later,
                Evaluate::Later,
                Evaluate::Off,
            ])),
            37 => {
                let statement = match self.random.below(3) {
                    0 if !self.identifies => Statement::Manual {
                        users: self.users(),
                        into: self.random.one_in(2),
                    },
                    _ => self.arrival(),
                };
                Statement::Silently(Box::new(statement))
            }
            38 if self.random.one_in(8) => Statement::TruncateContacts,
            38 => {
                let to = self.random.pick(&USERS);
                Statement::Contact {
                    user: self.random.pick(&USERS),
                    change: self.random.pick(&[
                        Change::SoftDelete,
                        Change::Undelete,
                        Change::Undelete,
                        Change::Delete,
                        Change::Rename(to),
                    ]),
                }
            }
            _ if self.random.one_in(2) => Statement::Forget(self.random.pick(&USERS)),
            _ => self.arrival(),
        }
    }

    fn jump(&mut self) -> Statement {
        let hours = self.random.pick(&[0, 1, 1, 1, 2, 2, 3, 5]);
        let grid = (self.now + HOUR / 2).div_euclid(HOUR) + hours;
        self.now = self.now.max(grid * HOUR + self.beside());
        Statement::Now(self.now)
    }

    fn beside(&mut self) -> i64 {
        self.random.pick(&[0, 0, 0, 0, 1, -1])
    }

    fn users(&mut self) -> Vec<&'static str> {
        let number = self.random.pick(&[1, 1, 2]);
        (0..number).map(|_| self.random.pick(&USERS)).collect()
    }

    fn arrival(&mut self) -> Statement {
        let rows = self.random.pick(&[1, 1, 1, 2, 3, 4]);
        Statement::Insert((0..rows).map(|_| self.event()).collect())
    }

    /// Half of the time one of the last three of a list, if there are any.
    fn one_of_the_last<T: Copy>(&mut self, list: impl Fn(&Self) -> &Vec<T>) -> Option<T> {
        let all = list(self).len();
        if all == 0 || self.random.one_in(2) {
            return None;
        }
        let back = self.random.below(3).min(all - 1);
        Some(list(self)[all - 1 - back])
    }

    /// Somebody is put into the bucket that is kept by hand, or taken out of it: mostly whose run waits for that.
    fn by_hand(&mut self) -> Statement {
        let (mut users, mut into) = (self.users(), self.random.one_in(2));
        let last = self
            .awaited
            .iter()
            .rfind(|(_, name)| name.ends_with(":hand"));
        if let (Some((user, name)), true) = (last.copied(), self.random.one_in(2)) {
            (users, into) = (vec![user], name.contains("entered"));
        }
        Statement::Manual { users, into }
    }

    fn event(&mut self) -> Event {
        let (mut user, mut name) = (
            self.random.pick(&USERS),
            self.random.pick(self.events_there),
        );
        if let Some((who, what)) = self.one_of_the_last(|g| &g.awaited) {
            match what {
                what if EVENTS.contains(&what) => (user, name) = (who, what),
                "bucket:entered:fresh" => (user, name) = (who, FRESH_EVENT),
                _ => {}
            }
        }
        let starts = |(_, definition): &&(_, Definition)| definition.starts.contains(&name);
        let started = self.defined.iter().filter(starts);
        self.begun
            .extend(started.map(|(journey, _)| (user, *journey)));
        self.events += 1;
        let ago = match self.random.below(6) {
            0 => self.random.between(-1, 4) * HOUR + self.beside(),
            _ => 0,
        };
        Event {
            user,
            name,
            at: self.now - ago,
            document: Document::random(self.random, &RICH),
            number: self.events,
        }
    }

    fn definition(&mut self) -> Statement {
        let journey = self.random.pick(&JOURNEYS);
        let mut names = self.names.to_vec();
        let mut some = |random: &mut Random, number: usize| {
            let number = number.min(names.len());
            let chosen = (0..number).map(|_| names.remove(random.below(names.len())));
            chosen.collect::<Vec<_>>()
        };
        let starts = 1 + self.random.below(3);
        let starts = some(self.random, starts);
        let exits = self.random.below(2);
        let exits = some(self.random, exits);
        let limit = match self.random.below(6) {
            0 => diary::Limit::Once,
            1 => diary::Limit::Period(self.random.maybe(3, |random| random.between(1, 5) * HOUR)),
            _ => diary::Limit::Unlimited,
        };
        let mut definition = Definition {
            starts,
            exits,
            limit,
            enabled: !self.random.one_in(10),
        };
        // The same once more.
        let mut before = self.defined.iter().filter(|(id, _)| *id == journey);
        if let (Some((_, known)), true) = (before.next_back(), self.random.one_in(3)) {
            definition = known.clone();
        }
        self.defined.push((journey, definition.clone()));
        Statement::Define {
            journey,
            definition,
        }
    }

    fn said(&mut self) -> Said {
        let (mut user, mut journey) = (self.random.pick(&USERS), self.random.pick(&JOURNEYS));
        if let Some(begun) = self.one_of_the_last(|g| &g.begun) {
            (user, journey) = begun;
        }
        let call = match self.random.below(20) {
            0 | 1 => Call::Sleep {
                span: self.span(),
                label: self.random.pick(&LABELS),
            },
            2 => Call::SleepUntil {
                at: self.now + self.random.between(-2, 4) * HOUR + self.beside(),
                label: self.random.pick(&LABELS),
            },
            3 | 4 => Call::Checkpoint {
                label: self.random.pick(&LABELS),
            },
            5 => Call::Complete,
            6 => Call::Fail("no"),
            _ => self.wait(user),
        };
        Said {
            user,
            journey,
            run: usize::from(self.random.one_in(12)),
            step: self
                .random
                .one_in(2)
                .then(|| usize::from(self.random.one_in(3))),
            call,
            state: self.random.one_in(3).then(|| self.random.between(0, 9)),
        }
    }

    fn wait(&mut self, user: &'static str) -> Call {
        let is_event = !self.random.one_in(5);
        let event = match is_event {
            true => self.random.pick(self.events_there),
            false => self.random.pick(self.names),
        };
        let is_event = EVENTS.contains(&event);
        self.awaited.push((user, event));
        let may_have_filter = is_event && !self.random.one_in(4);
        Call::WaitFor {
            event,
            span: self.span(),
            label: self.random.pick(&LABELS),
            filter: may_have_filter.then(|| Filter::random(self.random, &RICH, 1)),
            spelling: self.random.bits(),
        }
    }

    fn span(&mut self) -> i64 {
        (self.random.between(0, 5) * HOUR + self.beside()).max(0)
    }
}
