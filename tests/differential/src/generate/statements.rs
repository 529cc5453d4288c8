//! Random statements.

use super::{BUCKETS, BY_HAND, EVENTS, Generator, USERS};
use crate::history::{
    ContactChange, Correction, Definition, Evaluate, Event, Form, Properties, Statement, Which,
};
use crate::instant::HOUR;
use hogsend_model::{Document, Number, Value};

impl Generator<'_> {
    /// Data or a definition changes, or how the extension takes what comes.
    pub fn statement(&mut self) -> Statement {
        match self.random.below(50) {
            0..=29 => self.data(),
            40 => Statement::Truncate,
            41 => Statement::Background(!self.random.one_in(3)),
            42 | 43 => Statement::Fill {
                bucket: self.random.pick(&BUCKETS),
                contacts: self.random.pick(&[1, 1, 2, 1000]),
            },
            30 | 31 | 46 => {
                let ways = [
                    Evaluate::On,
                    Evaluate::On,
                    Evaluate::Off,
                    Evaluate::Later,
                    Evaluate::Later,
                ];
                Statement::Evaluate(self.random.pick(&ways))
            }
            47 | 48 => Statement::Announce(self.random.one_in(2)),
            32..=34 => self.definition(),
            35 => Statement::Enable {
                bucket: self.random.pick(&BUCKETS),
                enabled: !self.random.one_in(3),
            },
            36 => Statement::Drop(self.random.pick(&BUCKETS)),
            _ => self.by_hand(),
        }
    }

    /// Events or contacts come, change or go.
    pub fn data(&mut self) -> Statement {
        match self.random.below(30) {
            0..=15 => self.arrival(),
            16..=18 => Statement::Correct {
                which: self.which(),
                change: self.correction(),
            },
            19 | 20 => Statement::Erase(self.which()),
            21 | 22 => Statement::Contact {
                user: self.user(),
                properties: self.properties(),
                upsert: self.random.one_in(2),
            },
            23..=27 => Statement::Change {
                users: self.users(),
                change: self.contact_change(),
            },
            28 => match self.random.below(6) {
                0 => Statement::TruncateContacts,
                1 | 2 => Statement::Rename {
                    from: self.user(),
                    to: self.user(),
                },
                _ => Statement::DeleteContact(self.user()),
            },
            _ => Statement::Forget(self.user()),
        }
    }

    /// A user says something that is left to the clock, in silence or not, and before it comes there is
    /// something newer.
    pub fn what_waits(&mut self) -> [Statement; 7] {
        let said = |generator: &mut Self, user| Statement::Insert {
            form: Form::Values,
            events: vec![Event {
                user,
                patch: Some(generator.properties()),
                ..generator.event()
            }],
        };
        let user = self.user();
        let waits = said(self, user);
        let then = match self.random.below(6) {
            0 => Statement::Change {
                users: vec![user],
                change: ContactChange::Set(self.properties()),
            },
            1 => Statement::Rename {
                from: user,
                to: self.user(),
            },
            2 => Statement::Erase(Which {
                user: Some(user),
                event: None,
                since: None,
            }),
            3 | 4 => self.definition(),
            _ => said(self, user),
        };
        let evaluate = [Evaluate::On, Evaluate::On, Evaluate::Off, Evaluate::Later];
        [
            Statement::Background(self.random.one_in(2)),
            Statement::Evaluate(Evaluate::Later),
            Statement::Announce(!self.random.one_in(3)),
            waits,
            Statement::Announce(true),
            Statement::Evaluate(self.random.pick(&evaluate)),
            then,
        ]
    }

    /// Users do something.
    pub fn arrival(&mut self) -> Statement {
        if self.random.one_in(4) {
            // Which has no argument for an id.
            return Statement::Ingest(Event {
                id: None,
                ..self.event()
            });
        }
        let rows = self.random.pick(&[1, 1, 1, 2, 3, 5]);
        let form = self.random.pick(&[
            Form::Values,
            Form::Values,
            Form::Tolerant,
            Form::Select,
            Form::Copy,
        ]);
        let mut events: Vec<Event> = Vec::new();
        for _ in 0..rows {
            let event = self.event();
            events.push(match events.last() {
                // The same once more at the same instant, which only its id tells apart.
                Some(before) if self.world.is_rich && self.random.one_in(2) => Event {
                    user: before.user,
                    event: before.event,
                    occurred_at: before.occurred_at,
                    ..event
                },
                _ => event,
            });
        }
        Statement::Insert { form, events }
    }

    /// A new bucket, or another definition of one: other in all, in its criteria, in its rules, or
    /// in nothing but how it is written.
    pub fn definition(&mut self) -> Statement {
        let bucket = self.random.pick(&BUCKETS);
        self.definition_of(bucket)
    }

    pub fn definition_of(&mut self, bucket: &'static str) -> Statement {
        let criteria = self.nested_criteria(bucket);
        let mut definition = self.bucket(Some(criteria));
        if let Some(earlier) = self.defined.get(bucket).cloned() {
            match self.random.below(4) {
                0 => definition.criteria = earlier.criteria,
                1 => {
                    definition = Definition {
                        criteria: definition.criteria,
                        ..earlier
                    };
                }
                2 => {
                    definition = Definition {
                        spelling: definition.spelling,
                        ..earlier
                    };
                }
                _ => {}
            }
        }
        self.defined.insert(bucket, definition.clone());
        Statement::Define {
            bucket,
            definition: Box::new(definition),
        }
    }

    /// The bucket that is kept by hand, and calls for it; now and then for another.
    fn by_hand(&mut self) -> Statement {
        if self.random.one_in(4) || !self.defined.contains_key(BY_HAND) {
            return self.kept_by_hand();
        }
        Statement::Manual {
            bucket: if self.random.one_in(12) {
                self.random.pick(&BUCKETS)
            } else {
                BY_HAND
            },
            users: self.users(),
            into: self.random.one_in(2),
            silent: self.random.one_in(4),
        }
    }

    pub fn kept_by_hand(&mut self) -> Statement {
        let definition = self.bucket(None);
        self.defined.insert(BY_HAND, definition.clone());
        Statement::Define {
            bucket: BY_HAND,
            definition: Box::new(definition),
        }
    }

    fn which(&mut self) -> Which {
        Which {
            user: self.random.maybe(4, |random| random.pick(&USERS)),
            event: self.random.maybe(2, |random| random.pick(&EVENTS)),
            since: self.random.one_in(3).then(|| self.instant()),
        }
    }

    fn correction(&mut self) -> Correction {
        if self.world.is_rich && self.random.one_in(2) {
            let Document {
                properties,
                value,
                source,
            } = Document::random(self.random, self.world);
            return match self.random.below(4) {
                0 => Correction::Value(value),
                1 => Correction::Source(source),
                _ => Correction::Properties(properties),
            };
        }
        match self.random.below(5) {
            0 | 1 => Correction::At(self.instant()),
            2 => Correction::User(self.user()),
            3 => Correction::Event(self.name()),
            _ => Correction::Value(Some(Value::Number(Number::new("1")))),
        }
    }

    fn contact_change(&mut self) -> ContactChange {
        match self.random.below(8) {
            0..=2 => ContactChange::Set(self.properties()),
            3 => ContactChange::Unset(self.random.pick(self.world.properties)),
            4 => ContactChange::SoftDelete,
            5 | 6 => ContactChange::Undelete,
            _ => ContactChange::Email("c@x.com"),
        }
    }

    /// Mostly one of them.
    fn users(&mut self) -> Vec<&'static str> {
        let number = self.random.pick(&[1, 1, 2, 3]);
        (0..number).map(|_| self.user()).collect()
    }

    fn user(&mut self) -> &'static str {
        self.random.pick(&USERS)
    }

    fn event(&mut self) -> Event {
        Event {
            user: self.user(),
            event: self.name(),
            occurred_at: self.instant(),
            key: self
                .random
                .one_in(4)
                .then(|| self.random.pick(&["k1", "k2"])),
            email: self
                .random
                .one_in(10)
                .then(|| self.random.pick(&[" A@x.com", "b@x.com", " "])),
            patch: self.random.one_in(6).then(|| self.properties()),
            document: self.world.is_rich.then(|| self.document()),
            id: self.world.is_rich.then(|| self.id()),
        }
    }

    /// What an event says of itself.
    fn document(&mut self) -> Document {
        Document::random(self.random, self.world)
    }

    /// One that no other event has, in no order; those that the database gives lie between.
    fn id(&mut self) -> i64 {
        self.numbered += 1;
        let id = 1_000_000_000_000 + self.random.below(1000) as i64 * 1000 + self.numbered;
        if self.random.one_in(2) { id } else { -id }
    }

    fn name(&mut self) -> &'static str {
        match self.random.below(16) {
            0 => "other",
            1 => "bucket:a",
            _ => self.random.pick(&EVENTS),
        }
    }

    /// Now, or at some time in the past, or yet to come.
    fn instant(&mut self) -> i64 {
        match self.random.below(8) {
            0..=3 => self.now,
            4..=6 => self.now - self.random.between(0, 9) * HOUR + self.beside(),
            _ => self.now + self.random.between(0, 3) * HOUR + self.beside(),
        }
    }

    fn properties(&mut self) -> Properties {
        let mut properties = Properties::new();
        for name in self.world.properties {
            if self.random.one_in(2) {
                properties.push((name, Value::any(self.random, self.world)));
            }
        }
        properties
    }
}
