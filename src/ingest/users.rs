//! The users of a statement: mostly one, sometimes very many.

use std::collections::HashMap;
use std::slice;

use crate::pipeline::Subject;

/// Up to so many users are looked for one by one.
const FEW: usize = 4;

/// Subjects by their users.
#[derive(Default)]
pub struct Users {
    subjects: Vec<Subject>,
    /// Where each is, once they are more than a few.
    places: HashMap<Box<str>, usize>,
}

impl Users {
    /// The subject of a user, which is made where there is none.
    pub fn subject(&mut self, user: &str) -> &mut Subject {
        let place = self.place(user).unwrap_or_else(|| self.add(user));
        &mut self.subjects[place]
    }

    fn place(&self, user: &str) -> Option<usize> {
        // The rows of a user often follow one another.
        let last = self.subjects.len().checked_sub(1)?;
        if self.subjects[last].user == user {
            return Some(last);
        }
        if self.places.is_empty() {
            return self.subjects.iter().position(|s| s.user == user);
        }
        self.places.get(user).copied()
    }

    fn add(&mut self, user: &str) -> usize {
        self.subjects.push(Subject::of_statement(user));
        let new = match self.subjects.len() {
            len if len <= FEW => &[],
            len if self.places.is_empty() => &self.subjects[..len],
            len => &self.subjects[len - 1..],
        };
        let place = self.places.len();
        let places = new.iter().zip(place..);
        self.places
            .extend(places.map(|(subject, place)| (subject.user.as_str().into(), place)));
        self.subjects.len() - 1
    }

    pub fn iter(&self) -> slice::Iter<'_, Subject> {
        self.subjects.iter()
    }

    pub fn iter_mut(&mut self) -> slice::IterMut<'_, Subject> {
        self.subjects.iter_mut()
    }

    /// Everybody, in byte order.
    pub fn into_sorted(mut self) -> Vec<Subject> {
        drop(self.places);
        self.subjects.sort_unstable_by(|a, b| a.user.cmp(&b.user));
        self.subjects
    }
}
