//! What every part of the parser needs: where the walk is, what it has found wrong, and fields of
//! the kinds that occur everywhere.

use super::super::filter::{Filter, Test};
use super::super::hints::{did_you_mean, list, quote};
use super::super::json::{self, Kind};
use super::super::list::List;
use super::super::needs::Needs;
use super::super::tree::Condition;
use super::super::zones::Zones;
use super::super::{Criteria, MAX_LEGS, MAX_PROBLEMS, Problem};
use super::EXAMPLE;
use crate::decimal::Decimal;
use serde_json::value::RawValue;

/// The state of one walk over a document.
pub(in crate::criteria) struct Walk<'a> {
    text: &'a str,
    /// By which dates are read.
    pub(super) zones: &'a dyn Zones,
    /// It was found to be good before: what takes long to check is not checked again.
    pub trusted: bool,
    /// Its lists that do not stand in the text, see [`Stored`](super::super::Stored).
    pub(super) lists: Vec<(usize, Option<List>)>,
    /// Where the walk is.
    path: String,
    /// With the offset into the text at which each shows.
    problems: Vec<(usize, Problem)>,
    /// What the legs ask for that have been read.
    pub needs: Needs,
    legs: usize,
    /// What the conditions that are being read are asked to be: false inside an odd number of
    /// negations.
    asked: bool,
    /// Until something turns up that is none, or that is too wrong to tell.
    only_negations: bool,
    /// There is no use in reading on.
    stopped: bool,
}

/// An object that is one condition, split into its fields.
pub(in crate::criteria) struct Node<'a> {
    pub at: usize,
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> Node<'a> {
    /// One that has that field alone.
    pub fn of_field(at: usize, name: &str, raw: &'a RawValue) -> Node<'a> {
        Node {
            at,
            fields: vec![(name.to_owned(), raw)],
        }
    }

    /// The value of a field; the last one when it is repeated, which is reported elsewhere.
    pub fn field(&self, name: &str) -> Option<&'a RawValue> {
        self.fields
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
    }

    /// The string in a field, if there is one.
    pub fn text(&self, field: &str) -> Option<String> {
        json::string(self.field(field)?.get())
    }
}

impl<'a> Walk<'a> {
    pub fn new(text: &'a str, zones: &'a dyn Zones) -> Walk<'a> {
        Walk {
            text,
            zones,
            trusted: false,
            lists: Vec::new(),
            path: String::from("$"),
            problems: Vec::new(),
            needs: Needs::default(),
            legs: 0,
            asked: true,
            only_negations: true,
            stopped: false,
        }
    }

    /// The criteria if nothing was wrong, or all the problems.
    pub fn finish(mut self, root: Option<Condition>) -> Result<Criteria, Vec<Problem>> {
        match root {
            Some(root) if self.problems.is_empty() => {
                self.needs.finish();
                Ok(Criteria::new(root, self.needs))
            }
            _ => Err(self.into_problems()),
        }
    }

    /// The filter if nothing was wrong, or all the problems.
    pub fn finish_filter(self, root: Option<Test>) -> Result<Filter, Vec<Problem>> {
        match root {
            Some(root) if self.problems.is_empty() => Ok(Filter::new(root)),
            _ => Err(self.into_problems()),
        }
    }

    fn into_problems(mut self) -> Vec<Problem> {
        // Legs report a missing field after a wrong one; readers go through the text.
        self.problems.sort_by_key(|(at, _)| *at);
        let problems = self.problems.into_iter();
        problems.map(|(_, problem)| problem).collect()
    }

    /// Splits a condition into its fields; reports what is no object.
    pub fn node(&mut self, raw: &'a RawValue, at: usize) -> Option<Node<'a>> {
        let whole = if self.path == "$" {
            "the criteria are"
        } else {
            "the condition is"
        };
        self.part(raw, at, whole, EXAMPLE)
    }

    /// Any other part of a document that must be an object: `part` begins what is said if it is none, and `example`
    /// shows one.
    pub fn part(
        &mut self,
        raw: &'a RawValue,
        at: usize,
        part: &str,
        example: &str,
    ) -> Option<Node<'a>> {
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Object) {
            let found = kind.map_or("not JSON", Kind::in_words);
            let message = format!("{part} {found} and must be an object");
            self.problem(at, message, example);
            return None;
        }
        let Some(fields) = json::object(raw.get()) else {
            self.problem(
                at,
                "a key of the object is not a valid string",
                "remove the escaped half of a surrogate pair",
            );
            return None;
        };
        Some(Node { at, fields })
    }

    /// Counts one more leg, well-formed or not, and notes whether it certainly is a negation.
    pub fn count_leg(&mut self, at: usize, negation: bool) {
        self.only_negations &= negation;
        self.count_test(at);
    }

    /// Counts one more test of a filter, or leg.
    pub fn count_test(&mut self, at: usize) {
        self.legs += 1;
        if self.legs > MAX_LEGS && !self.stopped {
            self.problem(
                at,
                format!(
                    "the criteria have more than {MAX_LEGS} conditions, composites not counted"
                ),
                "split the bucket, or mark users with one property instead of many conditions",
            );
            // The rest may still say that it is no negation.
            self.only_negations = false;
            self.stopped = true;
        }
    }

    /// Whether all that was read are legs that say what must not be. Whatever may be something
    /// else, because it is too wrong to tell, counts as something else.
    pub fn only_negations(&self) -> bool {
        self.only_negations && self.legs > 0
    }

    /// Notes that something was passed over that may be no negation.
    pub fn passed_over(&mut self) {
        self.only_negations = false;
    }

    /// Records a problem with the node that the walk is at.
    pub fn problem(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        let path = self.path.clone();
        self.record(path, at, message.into(), hint.into());
    }

    /// Records a problem with a field of the node that the walk is at.
    pub fn problem_in(
        &mut self,
        field: &str,
        at: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let path = if !field.is_empty() && field.len() <= 60 && field.chars().all(plain) {
            format!("{}.{field}", self.path)
        } else {
            format!("{}[{}]", self.path, quote(field))
        };
        self.record(path, at, message.into(), hint.into());
    }

    fn record(&mut self, path: String, at: usize, message: String, hint: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push((
                at,
                Problem {
                    path,
                    message,
                    hint,
                },
            ));
        }
        if self.problems.len() >= MAX_PROBLEMS {
            self.only_negations = false;
            self.stopped = true;
        }
    }

    /// Runs `part` with the walk's path one field further down.
    pub fn inside<T>(&mut self, field: &str, part: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.path.len();
        self.path.push('.');
        self.path.push_str(field);
        let result = part(self);
        self.path.truncate(here);
        result
    }

    /// What the condition that the walk is at is asked to be.
    pub fn asked(&self) -> bool {
        self.asked
    }

    /// Runs `part` inside a negation.
    pub fn turned<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> T {
        self.asked = !self.asked;
        let result = part(self);
        self.asked = !self.asked;
        result
    }

    /// Whether so much is wrong that reading on is of no use.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Where in the document a part of it stands: all parts are slices of the one text.
    pub fn offset(&self, raw: &RawValue) -> usize {
        (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// The list that was taken out of the text where a part of it stands. It is given away once.
    pub fn taken_out(&mut self, at: usize) -> Option<List> {
        let place = self.lists.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        self.lists.get_mut(place)?.1.take()
    }

    /// Reports keys that do not belong to a condition of this type, and repeated ones.
    pub fn check_keys(&mut self, node: &Node<'a>, kind: &str, known: &[&str]) {
        let owner = format!("a condition of type {}", quote(kind));
        self.check_keys_of(node, &owner, known);
    }

    /// The same of what is no condition.
    pub fn check_keys_of(&mut self, node: &Node<'a>, owner: &str, known: &[&str]) {
        for (index, (key, raw)) in node.fields.iter().enumerate() {
            if self.stopped {
                return;
            }
            let at = self.offset(raw);
            if !known.contains(&key.as_str()) {
                self.problem_in(
                    key,
                    at,
                    format!("unknown key {} in {owner}", quote(key)),
                    did_you_mean(key, known),
                );
            } else if node
                .fields
                .iter()
                .take(index)
                .any(|(earlier, _)| earlier == key)
            {
                let message = format!("the key {} is repeated", quote(key));
                self.problem_in(key, at, message, "keep one of them");
            }
        }
    }

    /// The string in a field; reports anything else.
    pub fn string_field(&mut self, field: &str, raw: &RawValue) -> Option<String> {
        let at = self.offset(raw);
        if json::kind(raw.get()) != Some(Kind::String) {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            self.problem_in(
                field,
                at,
                format!("{} is {found} and must be a string", quote(field)),
                "write it in quotation marks",
            );
            return None;
        }
        let string = json::string(raw.get());
        if string.is_none() {
            self.problem_in(
                field,
                at,
                format!("{} is not a valid string", quote(field)),
                "remove the escaped half of a surrogate pair",
            );
        }
        string
    }

    /// The number in a field that holds one; reports a number that is too extreme to keep.
    pub fn decimal(&mut self, field: &str, raw: &RawValue) -> Option<Decimal> {
        let number = Decimal::parse(raw.get());
        if number.is_none() {
            let message = format!("{} is out of range", quote(field));
            self.problem_in(
                field,
                self.offset(raw),
                message,
                "give a number with a smaller exponent",
            );
        }
        number
    }

    /// The one of `choices` that a required field names; reports anything else.
    pub fn choice<T: Copy>(
        &mut self,
        node: &Node<'a>,
        field: &str,
        owner: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let Some(raw) = node.field(field) else {
            self.problem(
                node.at,
                format!("{owner} needs {}", quote(field)),
                format!("add {}: {}", quote(field), list(&names)),
            );
            return None;
        };
        let written = self.string_field(field, raw)?;
        let chosen = choices
            .iter()
            .find(|(name, _)| *name == written)
            .map(|(_, choice)| *choice);
        if chosen.is_none() {
            self.problem_in(
                field,
                self.offset(raw),
                format!("unknown {field} {}", quote(&written)),
                did_you_mean(&written, &names),
            );
        }
        chosen
    }

    /// A name in a required field, which must not be empty.
    pub fn name(&mut self, node: &Node<'a>, field: &str, owner: &str) -> Option<String> {
        let Some(raw) = node.field(field) else {
            let hint = format!("add {}: its name", quote(field));
            self.problem(node.at, format!("{owner} needs {}", quote(field)), hint);
            return None;
        };
        let name = self.string_field(field, raw)?;
        if name.is_empty() {
            let message = format!("{} is empty", quote(field));
            self.problem_in(field, self.offset(raw), message, "give a name");
            return None;
        }
        Some(name)
    }
}
