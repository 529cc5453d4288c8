//! Occurrences of series that are told by more than their event's name: the rows themselves are read,
//! from the latest back, and the filter says which of them count.
//!
//! How many rows that takes nobody knows before. So they are read until enough has come, row by row
//! where that can be done without SQL, and in rounds of growing size where not. Of several events each
//! is read by itself until it alone would be enough, and what all of them tell is taken together.

pub mod ahead;
mod each;
mod reading;
mod source;
mod stored;
mod stretch;

use hogsend_core::criteria::Said;
use hogsend_core::time::Instant;

use super::{BY_RANK, DENSE, Occurrences, Question, by_rank};
use crate::pg::context::Context;
use crate::pg::direct::Direction;
use crate::pg::sql::Session;
pub use each::each_latest;
use reading::Reading;
pub use stored::StoredEvents;
pub(super) use stretch::of_stretch;

/// One event's row that is in the series.
#[derive(Clone)]
pub struct Occurrence {
    pub at: Instant,
    pub id: i64,
    pub said: Said,
}

impl Occurrence {
    /// By which they stand in order.
    fn key(&self) -> (Instant, i64) {
        (self.at, self.id)
    }
}

/// From the latest back.
fn sort(rows: &mut [Occurrence]) {
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.key()));
}

/// Answers each question in its place, as of `now`.
pub(super) fn read(session: &Session, questions: &[&Question], now: Instant) -> Vec<Occurrences> {
    let without = vec![&[][..]; questions.len()];
    let found = read_without(session, questions, &without, now);
    let mut answers: Vec<Occurrences> = found.into_iter().map(Found::occurrences).collect();
    // Only of series that are all of one event are single ones asked for that lie far back.
    let mut far: Vec<(&str, &str, i64)> = Vec::new();
    let mut asked: Vec<(usize, u64)> = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let is_answered = answers[place].is_complete() || !question.of.is_plain();
        for rank in question.ask.ranks.iter().filter(|rank| **rank > DENSE) {
            if !is_answered {
                asked.push((place, *rank));
                far.push((question.user, question.event(), *rank as i64));
            }
        }
    }
    for ((place, rank), at) in asked.into_iter().zip(by_rank(session, &BY_RANK, &far)) {
        answers[place].sparse.extend(at.map(|at| (rank, at)));
    }
    answers
}

/// What was found for one question.
#[derive(Default)]
pub struct Found {
    /// From the latest back.
    pub rows: Vec<Occurrence>,
    /// Whatever happened at or after this is among them.
    from: Option<Instant>,
    /// The very first, if that was asked for.
    oldest: Option<Occurrence>,
    /// How many rows were looked at.
    visited: usize,
}

impl Found {
    pub fn occurrences(self) -> Occurrences {
        let is_measured = self.rows.iter().any(|row| row.said.value.is_some());
        let measured = || self.rows.iter().filter(|_| is_measured);
        Occurrences {
            ids: measured().map(|row| row.id).collect(),
            dense: self.rows.iter().map(|row| row.at).collect(),
            marks: self.rows.iter().map(|row| row.said.mark).collect(),
            from: self.from.unwrap_or(Instant::NEG_INFINITY),
            oldest: self.oldest.map(|row| (row.at, row.said.mark)),
            values: self.rows.into_iter().map(|row| row.said.value).collect(),
            visited: self.visited,
            ..Occurrences::default()
        }
    }

    /// Adds occurrences that are there no more.
    pub fn with(mut self, others: Vec<Occurrence>) -> Found {
        let oldest = others.iter().cloned().chain(self.oldest);
        self.oldest = oldest.min_by_key(Occurrence::key);
        self.rows.extend(others);
        sort(&mut self.rows);
        self
    }
}

/// The same as rows; those of the ids in `without` are passed over.
pub fn read_without(
    session: &Session,
    questions: &[&Question],
    without: &[&[i64]],
    now: Instant,
) -> Vec<Found> {
    let (mut readings, owners) = readings(questions, without, now);
    source::read(session, Direction::Backward, &mut readings);
    let mut answers = found(readings, owners, questions.len());
    read_oldest(session, questions, without, &mut answers);
    answers
}

/// The same without SQL, where that can be done and no very first is asked for.
pub(super) fn read_directly(
    context: &Context,
    questions: &[&Question],
    now: Instant,
) -> Option<Vec<Occurrences>> {
    if questions.iter().any(|question| question.ask.oldest) {
        return None;
    }
    let without = vec![&[][..]; questions.len()];
    let (mut readings, owners) = readings(questions, &without, now);
    source::read_directly(context, Direction::Backward, &mut readings)?;
    let answers = found(readings, owners, questions.len()).into_iter();
    Some(answers.map(Found::occurrences).collect())
}

/// A reading for each event of each question, and whose it is.
fn readings<'q>(
    questions: &'q [&Question],
    without: &'q [&[i64]],
    now: Instant,
) -> (Vec<Reading<'q>>, Vec<usize>) {
    let mut readings: Vec<Reading> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (place, (question, without)) in questions.iter().zip(without).enumerate() {
        for event in &question.of.events {
            readings.push(Reading::new(question, event, without, now));
            owners.push(place);
        }
    }
    (readings, owners)
}

/// What the readings of so many questions found.
fn found(readings: Vec<Reading>, owners: Vec<usize>, questions: usize) -> Vec<Found> {
    let mut answers: Vec<Found> = Vec::new();
    answers.resize_with(questions, Found::default);
    for (place, reading) in owners.into_iter().zip(readings) {
        let answer = &mut answers[place];
        // What is known of all events is what is known of each.
        answer.from = answer.from.max(reading.from);
        answer.visited += reading.visited;
        answer.rows.extend(reading.found);
    }
    for answer in &mut answers {
        sort(&mut answer.rows);
        if let Some(from) = answer.from {
            answer.rows.retain(|row| row.at >= from);
        }
    }
    answers
}

/// Finds the very first of each series of which it is asked.
fn read_oldest(
    session: &Session,
    questions: &[&Question],
    without: &[&[i64]],
    answers: &mut [Found],
) {
    let mut readings: Vec<Reading> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (place, (question, without)) in questions.iter().zip(without).enumerate() {
        if !question.ask.oldest {
            continue;
        }
        match answers[place].from {
            // It has come.
            None => answers[place].oldest = answers[place].rows.last().cloned(),
            Some(_) => {
                for event in &question.of.events {
                    readings.push(Reading::of_first(question, event, without));
                    owners.push(place);
                }
            }
        }
    }
    source::read(session, Direction::Forward, &mut readings);
    for (place, reading) in owners.into_iter().zip(readings) {
        let found = reading
            .found
            .into_iter()
            .chain(answers[place].oldest.take());
        answers[place].oldest = found.min_by_key(Occurrence::key);
    }
}
