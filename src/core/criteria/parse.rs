//! From a JSON document to criteria, or to all that is wrong with it.

use super::hints::{did_you_mean, list, quote};
use super::json::{self, Kind};
use super::{Condition, Criteria, EventNeed, Junction, MAX_DEPTH, MAX_LEGS, MAX_PROBLEMS, Problem};
use serde_json::value::RawValue;

pub(super) const EXAMPLE: &str =
    r#"write an object such as {"type":"event","eventName":"app.opened","check":"exists"}"#;

const TYPES: [&str; 3] = ["property", "event", "composite"];

/// See [`Criteria::parse`].
pub(super) fn document(text: &str) -> Result<Criteria, Vec<Problem>> {
    let mut walk = Walk {
        text,
        path: String::from("$"),
        problems: Vec::new(),
        events: Vec::new(),
        properties: Vec::new(),
        legs: 0,
        only_negations: true,
        stopped: false,
    };
    let root = match json::document(text) {
        Some(root) => walk.condition(root, 0),
        None => {
            walk.problem(0, "the criteria are not valid JSON", EXAMPLE);
            None
        }
    };
    if walk.only_negations && walk.legs > 0 {
        walk.problem(
            0,
            "the criteria consist of negations only, which nearly everybody meets",
            "add a condition that says who is meant, such as an event that exists or a property \
             with a value",
        );
    }
    match root {
        Some(root) if walk.problems.is_empty() => Ok(Criteria {
            root,
            events: walk.events,
            properties: walk.properties,
        }),
        _ => {
            // Legs report a missing field after a wrong one; readers go through the text.
            walk.problems.sort_by_key(|(at, _)| *at);
            Err(walk
                .problems
                .into_iter()
                .map(|(_, problem)| problem)
                .collect())
        }
    }
}

/// The state of one walk over a document.
pub(super) struct Walk<'a> {
    text: &'a str,
    /// Where the walk is.
    path: String,
    /// With the offset into the text at which each shows.
    problems: Vec<(usize, Problem)>,
    events: Vec<EventNeed>,
    properties: Vec<String>,
    legs: usize,
    /// Until something turns up that is none, or that is too wrong to tell.
    only_negations: bool,
    /// There is no use in reading on.
    stopped: bool,
}

/// An object that is one condition, split into its fields.
pub(super) struct Node<'a> {
    pub at: usize,
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> Node<'a> {
    /// The value of a field; the last one when it is repeated, which is reported elsewhere.
    pub fn field(&self, name: &str) -> Option<&'a RawValue> {
        self.fields
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
    }
}

impl<'a> Walk<'a> {
    /// Reads one condition. The recursion is bounded by [`MAX_DEPTH`].
    fn condition(&mut self, raw: &'a RawValue, depth: usize) -> Option<Condition> {
        let at = self.offset(raw);
        let Some(node) = self.node(raw, at) else {
            self.count_leg(at, false);
            return None;
        };
        let kind = self.kind_of(&node);
        if kind.as_deref() == Some("composite") {
            return self.composite(&node, depth);
        }
        let leg = match kind.as_deref() {
            Some("property") => self.property_leg(&node),
            Some("event") => self.event_leg(&node),
            _ => None,
        };
        let negation = match kind.as_deref() {
            Some("property") => super::legs::is_negated_property(&node),
            Some("event") => super::legs::is_negated_event(&node),
            _ => false,
        };
        self.count_leg(at, negation);
        leg
    }

    fn node(&mut self, raw: &'a RawValue, at: usize) -> Option<Node<'a>> {
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Object) {
            let found = kind.map_or("not JSON", Kind::in_words);
            let whole = if self.path == "$" {
                "the criteria are"
            } else {
                "the condition is"
            };
            self.problem(
                at,
                format!("{whole} {found} and must be an object"),
                EXAMPLE,
            );
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

    /// The type of a condition; reports one that is missing or unknown.
    fn kind_of(&mut self, node: &Node<'a>) -> Option<String> {
        let Some(raw) = node.field("type") else {
            let guess = if node.field("eventName").is_some() {
                "event"
            } else if node.field("property").is_some() {
                "property"
            } else if node.field("conditions").is_some() {
                "composite"
            } else {
                ""
            };
            let hint = match guess {
                "" => format!("add \"type\": {}", list(&TYPES)),
                guess => format!("add \"type\": {}", quote(guess)),
            };
            self.problem(node.at, "the condition has no \"type\"", hint);
            return None;
        };
        let at = self.offset(raw);
        let kind = self.string_field("type", raw)?;
        if kind == "email_engagement" {
            self.problem_in(
                "type",
                at,
                "conditions of type \"email_engagement\" are not supported",
                "store opens and clicks as user events and use a condition of type \"event\"",
            );
        } else if !TYPES.contains(&kind.as_str()) {
            self.problem_in(
                "type",
                at,
                format!("unknown type {}", quote(&kind)),
                did_you_mean(&kind, &TYPES),
            );
        }
        Some(kind)
    }

    fn composite(&mut self, node: &Node<'a>, depth: usize) -> Option<Condition> {
        if depth >= MAX_DEPTH {
            self.only_negations = false;
            self.problem(
                node.at,
                format!("composites are nested deeper than {MAX_DEPTH}"),
                "flatten composites of the same operator into one",
            );
            return None;
        }
        self.check_keys(node, "composite", &["type", "operator", "conditions"]);
        let operator = self.choice(
            node,
            "operator",
            "a composite",
            &[("and", Junction::And), ("or", Junction::Or)],
        );
        let Some(raw) = node.field("conditions") else {
            self.only_negations = false;
            self.problem(
                node.at,
                "a composite needs \"conditions\"",
                "add \"conditions\": an array of at least one condition",
            );
            return None;
        };
        let at = self.offset(raw);
        let Some(items) = json::array(raw.get()) else {
            self.only_negations = false;
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            self.problem_in(
                "conditions",
                at,
                format!("\"conditions\" is {found} and must be an array"),
                "put the conditions into [ ]",
            );
            return None;
        };
        if items.is_empty() {
            self.only_negations = false;
            self.problem_in(
                "conditions",
                at,
                "\"conditions\" is empty",
                "add at least one condition, or remove the composite",
            );
            return None;
        }
        let mut conditions = Vec::new();
        let mut complete = true;
        let here = self.path.len();
        for (index, item) in items.into_iter().enumerate() {
            if self.stopped {
                return None;
            }
            self.path.push_str(&format!(".conditions[{index}]"));
            match self.condition(item, depth + 1) {
                Some(condition) => conditions.push(condition),
                None => complete = false,
            }
            self.path.truncate(here);
        }
        Some(Condition::Composite {
            operator: operator?,
            conditions,
        })
        .filter(|_| complete)
    }

    fn count_leg(&mut self, at: usize, negation: bool) {
        self.only_negations &= negation;
        self.legs += 1;
        if self.legs > MAX_LEGS && !self.stopped {
            self.problem(
                at,
                format!("the criteria have more than {MAX_LEGS} conditions"),
                "split the bucket, or mark users with one property instead of many conditions",
            );
            // The rest may still say that it is no negation.
            self.only_negations = false;
            self.stopped = true;
        }
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

    /// Whether so much is wrong that reading on is of no use.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Where in the document a part of it stands: all parts are slices of the one text.
    pub fn offset(&self, raw: &RawValue) -> usize {
        (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// Reports keys that do not belong to a condition of this type, and repeated ones.
    pub fn check_keys(&mut self, node: &Node<'a>, kind: &str, known: &[&str]) {
        for (index, (key, raw)) in node.fields.iter().enumerate() {
            if self.stopped {
                return;
            }
            let at = self.offset(raw);
            if !known.contains(&key.as_str()) {
                self.problem_in(
                    key,
                    at,
                    format!(
                        "unknown key {} in a condition of type {}",
                        quote(key),
                        quote(kind)
                    ),
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

    /// The index of a property, which is added when it is new.
    pub fn property_index(&mut self, name: String) -> usize {
        match self.properties.iter().position(|known| *known == name) {
            Some(index) => index,
            None => {
                self.properties.push(name);
                self.properties.len() - 1
            }
        }
    }

    /// The index of an event, which is added when it is new, together with ranks it is asked for.
    pub fn event_index(&mut self, name: String, ranks: impl Iterator<Item = u64>) -> usize {
        let index = match self.events.iter().position(|need| need.event == name) {
            Some(index) => index,
            None => {
                self.events.push(EventNeed {
                    event: name,
                    ranks: vec![1],
                });
                self.events.len() - 1
            }
        };
        if let Some(need) = self.events.get_mut(index) {
            need.ranks.extend(ranks);
            need.ranks.sort_unstable();
            need.ranks.dedup();
        }
        index
    }
}
