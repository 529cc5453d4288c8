//! Random statements.

use super::criteria::PROPERTIES;
use super::{BUCKETS, EVENTS, Generator, USERS};
use crate::history::{Event, Form, Properties, Statement};
use crate::instant::HOUR;

impl Generator<'_> {
    pub fn statement(&mut self) -> Statement {
        match self.random.below(12) {
            0 => self.definition(),
            _ => self.arrival(),
        }
    }

    /// Users do something.
    pub fn arrival(&mut self) -> Statement {
        if self.random.one_in(4) {
            return Statement::Ingest(self.event());
        }
        let rows = self.random.pick(&[1, 1, 1, 2, 3, 5]);
        Statement::Insert {
            form: self.random.pick(&[
                Form::Values,
                Form::Values,
                Form::Tolerant,
                Form::Select,
                Form::Copy,
            ]),
            events: (0..rows).map(|_| self.event()).collect(),
        }
    }

    pub fn definition(&mut self) -> Statement {
        let criteria = self.criteria();
        Statement::Define {
            bucket: self.random.pick(&BUCKETS),
            definition: self.bucket(Some(criteria)),
        }
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
        }
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
        for name in PROPERTIES {
            if self.random.one_in(2) {
                properties.push((name, self.value()));
            }
        }
        properties
    }
}
