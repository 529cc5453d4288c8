//! Reading a comparison of two measures.

use super::{CompareLeg, LegKind};
use crate::criteria::hints::quote;
use crate::criteria::json::{self, Kind};
use crate::criteria::legs::event::measure::Side;
use crate::criteria::legs::event::read::{COMPARISONS, measured_side};
use crate::criteria::parse::walk::{Node, Walk};
use crate::decimal::Decimal;

const KEYS: [&str; 5] = ["type", "left", "operator", "right", "factor"];

const SIDE: &str = r#"a measure, such as {"eventName":"login","check":"count","within":"30 days"}"#;

/// A factor has no more digits than that, so that what is multiplied stays short.
const MAX_FACTOR: usize = 100;

pub(super) fn leg<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<CompareLeg> {
    walk.check_keys(node, CompareLeg::TYPE, &KEYS);
    let left = walk.side(node, "left");
    let operator = walk.choice(node, "operator", "a comparison", &COMPARISONS);
    let right = walk.side(node, "right");
    let factor = walk.factor(node);
    Some(CompareLeg {
        left: left?,
        operator: operator?,
        right: right?,
        factor: factor?,
    })
}

impl<'a> Walk<'a> {
    /// One of the two measures.
    fn side(&mut self, node: &Node<'a>, field: &str) -> Option<Side> {
        let Some(raw) = node.field(field) else {
            let message = format!("a comparison needs {}", quote(field));
            self.problem(node.at, message, format!("add {SIDE}"));
            return None;
        };
        let at = self.offset(raw);
        self.inside(field, |walk| {
            let example = format!("write {SIDE}");
            let node = walk.part(raw, at, "the measure is", &example)?;
            measured_side(walk, &node)
        })
    }

    fn factor(&mut self, node: &Node<'a>) -> Option<Decimal> {
        let Some(raw) = node.field("factor") else {
            return Some(Decimal::whole(1));
        };
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Number) {
            let found = kind.map_or("not JSON", Kind::in_words);
            self.problem_in(
                "factor",
                at,
                format!("\"factor\" is {found} and must be a number"),
                "say how many times the right measure the left one is compared with: 0.5 for half of it",
            );
            return None;
        }
        let factor = self.decimal("factor", raw)?;
        if !factor.is_numeric() || factor.digits() > MAX_FACTOR {
            self.problem_in(
                "factor",
                at,
                format!("\"factor\" has more than {MAX_FACTOR} digits"),
                "round it",
            );
            return None;
        }
        Some(factor)
    }
}
