//! What is kept of users' series, held against what their events come to, added up here.
//!
//! Only the names of series are hogsend's own: a leg is given to its parser to learn under which name it keeps what
//! the leg counts.

use crate::model::Model;
use hogsend_core::criteria::Criteria;
use hogsend_model::facts::Facts;
use hogsend_model::legs::measure::{Side, Total};
use hogsend_model::{Leg, Node, Random, json};
use std::collections::BTreeMap;

/// By user and series: n, total, least, most, first_at, last_at; of all that may be kept for enabled buckets.
pub type Totals = BTreeMap<(String, String), Vec<String>>;

pub fn expected(model: &Model) -> Totals {
    let mut totals = Totals::new();
    let mut sides: Vec<Side> = Vec::new();
    for bucket in model.buckets.values().filter(|bucket| bucket.enabled) {
        if let Some(tree) = &bucket.criteria {
            of_node(tree, &mut sides);
        }
    }
    for side in sides {
        let Some(series) = name_of(&side) else {
            continue;
        };
        for user in model.contacts.keys() {
            let facts: Facts = model.facts(user);
            let key = (user.clone(), series.clone());
            totals.insert(key, as_row(&side.total(&facts)));
        }
    }
    totals
}

/// What legs measure of all that ever happened.
fn of_node(node: &Node, sides: &mut Vec<Side>) {
    match node {
        Node::Leg(Leg::Event(event)) if event.pick.is_none() && event.filter.is_some() => {
            sides.push(Side::count(event.clone()));
        }
        Node::Leg(Leg::Measure(measure)) => sides.push((*measure.side).clone()),
        Node::Leg(Leg::Compare(compare)) => {
            sides.extend([(*compare.left).clone(), (*compare.right).clone()]);
        }
        Node::Leg(_) => {}
        Node::Not(inner) => of_node(inner, sides),
        Node::Composite(_, parts) => parts.iter().for_each(|part| of_node(part, sides)),
    }
    sides.retain(|side| {
        side.measure != "distinct" && side.events.within.is_none() && side.events.older.is_none()
    });
}

/// Under which name it is kept what a side measures.
fn name_of(side: &Side) -> Option<String> {
    let mut fields = side.fields(&mut Random::new(1));
    fields.push(("operator", json::text("gte")));
    fields.push(("value", "1".into()));
    let fields: Vec<String> = fields
        .iter()
        .filter(|(key, _)| *key != "type")
        .map(|(key, value)| format!("{}: {value}", json::text(key)))
        .collect();
    let document = format!(r#"{{"type": "event", {}}}"#, fields.join(", "));
    let criteria = Criteria::parse(&document).ok()?;
    Some(criteria.series().first()?.of.name())
}

fn as_row(total: &Total) -> Vec<String> {
    let number = |millionths: i128| {
        let sign = if millionths < 0 { "-" } else { "" };
        let size = millionths.unsigned_abs();
        let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let or_dash = |number: Option<String>| number.unwrap_or_else(|| "-".into());
    vec![
        total.count.to_string(),
        number(total.sum),
        or_dash(total.least.map(number)),
        or_dash(total.most.map(number)),
        or_dash(total.first.map(|at| at.to_string())),
        or_dash(total.last.map(|at| at.to_string())),
    ]
}

/// Adds every difference: what is kept must be what is expected; what is not kept may be missing.
pub fn compare(stored: &[Vec<String>], model: &Model, found: &mut Vec<String>) {
    if stored.is_empty() {
        return;
    }
    let expected = expected(model);
    for row in stored {
        let key = (row[0].clone(), row[1].clone());
        // Of series that no enabled bucket names rows may be left over.
        let Some(wanted) = expected.get(&key) else {
            continue;
        };
        let mut there = row[2..].to_vec();
        for number in &mut there[1..4] {
            if number.contains('.') {
                *number = number
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned();
            }
        }
        if there != *wanted {
            found.push(format!(
                "total {key:?}:\n    stored:   {}\n    expected: {}",
                there.join(", "),
                wanted.join(", ")
            ));
        }
    }
}
