//! Reading several steps.

use super::{LegKind, SequenceLeg, Step};
use crate::criteria::filter::Field;
use crate::criteria::hints::quote;
use crate::criteria::json::{self, Kind};
use crate::criteria::legs::event::read::Range;
use crate::criteria::legs::event::window::Window;
use crate::criteria::measured::Measured;
use crate::criteria::needs::{Enough, SeriesOf};
use crate::criteria::parse::walk::{Node, Walk};
use serde_json::value::RawValue;
use std::sync::Arc;

const KEYS: [&str; 7] = [
    "type",
    "steps",
    "match",
    "within",
    "olderThan",
    "since",
    "until",
];
const STEP_KEYS: [&str; 4] = ["eventName", "where", "within", "never"];

/// So many steps are read, and no more.
const MOST: usize = 8;

const EXAMPLE: &str = r#"give the steps in their order, such as [{"eventName":"added_to_cart"},{"eventName":"order.placed","within":"1 hour","never":true}]"#;

const STEP: &str = r#"write a step, such as {"eventName":"order.placed","within":"1 hour"}"#;

/// A step before it has a number.
struct Read {
    of: SeriesOf,
    within: Option<crate::time::Span>,
    never: bool,
}

pub(super) fn leg<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<SequenceLeg> {
    walk.check_keys(node, SequenceLeg::TYPE, &KEYS);
    let steps = walk.steps(node);
    let fields = walk.same(node);
    let range = walk.range(node);
    let (steps, fields, range) = (steps?, fields?, range?);
    if let Some(last) = steps.last()
        && last.never
        && last.within.is_none()
        && range.within.is_none()
    {
        walk.problem(
            node.at,
            "nobody can tell when the last step has not come: it has no end, and the range has none",
            "add \"within\" to the last step, or to the sequence",
        );
        return None;
    }
    Some(planned(walk, steps, fields, range))
}

fn planned(walk: &mut Walk, steps: Vec<Read>, fields: Vec<Field>, range: Range) -> SequenceLeg {
    // Whatever follows a first step that is in the range comes after its beginning.
    let enough = Enough {
        count: None,
        beyond: None,
        older: range.within,
    };
    let steps = steps.into_iter().enumerate().map(|(place, step)| {
        let of = SeriesOf {
            since: range.since,
            until: range.until.filter(|_| place == 0),
            measured: Some(Measured::Keys(fields.clone())),
            ..step.of
        };
        Step {
            series: walk.needs.latest(of, enough),
            within: step.within,
            never: step.never,
        }
    });
    SequenceLeg {
        steps: steps.collect(),
        window: Window {
            within: range.within,
            older: range.older,
        },
    }
}

impl<'a> Walk<'a> {
    fn steps(&mut self, node: &Node<'a>) -> Option<Vec<Read>> {
        let items = self.items(node, "steps")?;
        let Some((raw, items)) = items else {
            self.problem(node.at, "a sequence needs \"steps\"", EXAMPLE);
            return None;
        };
        let at = self.offset(raw);
        if items.len() < 2 || items.len() > MOST {
            let message = format!("a sequence has 2 to {MOST} steps, and not {}", items.len());
            self.problem_in("steps", at, message, EXAMPLE);
            return None;
        }
        let last = items.len() - 1;
        let mut steps = Vec::with_capacity(items.len());
        for (place, raw) in items.into_iter().enumerate() {
            let at = self.offset(raw);
            let field = format!("steps[{place}]");
            steps.push(self.inside(&field, |walk| {
                walk.count_test(at);
                let node = walk.part(raw, at, "the step is", STEP)?;
                walk.one_step(&node, place, last)
            }));
        }
        steps.into_iter().collect()
    }

    fn one_step(&mut self, node: &Node<'a>, place: usize, last: usize) -> Option<Read> {
        self.check_keys(node, "step", &STEP_KEYS);
        let events = self.event_names(node);
        let filter = self.optional(node, "where", Walk::filter);
        let within = self.optional(node, "within", Walk::length);
        let never = self.optional(node, "never", Walk::truth);
        if let (0, Some(raw)) = (place, node.field("within")) {
            self.problem_in(
                "within",
                self.offset(raw),
                "the first step follows none, within whatever time",
                "say beside \"steps\" when the first step must have happened",
            );
            return None;
        }
        let (never, within) = (never?.unwrap_or(false), within?);
        if never && place != last {
            let at = node.field("never").map_or(node.at, |raw| self.offset(raw));
            self.problem_in(
                "never",
                at,
                "only the last step can be one that must not come",
                "put it last, or say what must not be in a condition of its own",
            );
            return None;
        }
        Some(Read {
            of: SeriesOf {
                events: events?,
                since: None,
                until: None,
                filter: filter?.map(Arc::new),
                marking: None,
                measured: None,
            },
            within,
            never,
        })
    }

    /// The places in which all steps must have the same.
    fn same(&mut self, node: &Node<'a>) -> Option<Vec<Field>> {
        let Some((_, items)) = self.items(node, "match")? else {
            return Some(Vec::new());
        };
        let mut fields = Vec::with_capacity(items.len());
        for raw in items {
            let one = Node::of_field(self.offset(raw), "match", raw);
            fields.push(self.event_field(&one, "match", "a sequence"));
        }
        let mut fields: Vec<Field> = fields.into_iter().collect::<Option<_>>()?;
        fields.sort();
        fields.dedup();
        Some(fields)
    }

    /// The elements of an array; `None` inside where there is no such field.
    fn items(
        &mut self,
        node: &Node<'a>,
        field: &str,
    ) -> Option<Option<(&'a RawValue, Vec<&'a RawValue>)>> {
        let Some(raw) = node.field(field) else {
            return Some(None);
        };
        let at = self.offset(raw);
        match json::array(raw.get()) {
            Some(items) if json::kind(raw.get()) == Some(Kind::Array) => Some(Some((raw, items))),
            _ => {
                let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
                let message = format!("{} is {found} and must be an array", quote(field));
                self.problem_in(field, at, message, "write it in square brackets");
                None
            }
        }
    }

    /// True or false.
    pub(in crate::criteria::legs) fn truth(
        &mut self,
        field: &str,
        raw: &'a RawValue,
    ) -> Option<bool> {
        let truth = json::boolean(raw.get());
        if truth.is_none() {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            let message = format!("{} is {found} and must be true or false", quote(field));
            self.problem_in(
                field,
                self.offset(raw),
                message,
                "write it without quotation marks",
            );
        }
        truth
    }
}
