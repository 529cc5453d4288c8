//! Explanations against the definition, on random trees and histories: each node by itself, each
//! composite with its parts, and the whole with what evaluation says.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

use super::generate::{self, EVENTS, Grid, PROPERTIES};
use super::model::{CALENDAR_END, Node, User};
use super::random::{self, Random};
use hogsend_core::criteria::{
    Condition, Criteria, EXPLAIN_DEPTH, Facts, Finding, Junction, Precision, PropertyValue,
};
use hogsend_core::time::Instant;
use std::collections::HashMap;

/// Facts that answer what was announced and what explanations may ask besides.
struct Known<'a> {
    criteria: &'a Criteria,
    occurrences: Vec<Vec<i64>>,
    properties: Vec<Option<PropertyValue>>,
    live: bool,
}

impl<'a> Known<'a> {
    fn new(random: &mut Random, criteria: &'a Criteria, user: &User) -> Known<'a> {
        let index = |names: &[&str], name: &str| names.iter().position(|n| *n == name).unwrap();
        let occurrences = criteria.events().iter().map(|need| {
            let mut times = user.events[index(&EVENTS, &need.event)].clone();
            times.sort_unstable_by(|a, b| b.cmp(a));
            times
        });
        let properties = criteria.properties().iter().map(|name| {
            let value = user.contact.as_ref()?[index(&PROPERTIES, name)].as_ref()?;
            Some(PropertyValue::parse(&generate::value_json(random, value)))
        });
        Known {
            criteria,
            occurrences: occurrences.collect(),
            properties: properties.collect(),
            live: user.contact.is_some(),
        }
    }
}

impl Facts for Known<'_> {
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant> {
        let need = &self.criteria.events()[event];
        assert!(
            need.ranks.contains(&rank) || (1..=EXPLAIN_DEPTH).contains(&rank),
            "rank {rank} of {need:?} was never announced"
        );
        let index = usize::try_from(rank - 1).unwrap();
        self.occurrences[event].get(index).copied().map(Instant)
    }

    fn property(&self, property: usize) -> Option<&PropertyValue> {
        self.properties[property].as_ref()
    }

    fn live_contact(&self) -> bool {
        self.live
    }
}

/// The nodes of both trees with their paths, in the order of the document.
fn walk<'t>(
    node: &'t Node,
    condition: &'t Condition,
    path: String,
    all: &mut Vec<(String, &'t Node, &'t Condition)>,
) {
    all.push((path.clone(), node, condition));
    if let (Node::Composite { nodes, .. }, Condition::Composite { conditions, .. }) =
        (node, condition)
    {
        for (index, (node, condition)) in nodes.iter().zip(conditions).enumerate() {
            walk(node, condition, format!("{path}.conditions[{index}]"), all);
        }
    }
}

fn agrees_with_its_parts(finding: &Finding, condition: &Condition, all: &[Finding]) {
    let Condition::Composite {
        operator,
        conditions,
    } = condition
    else {
        return;
    };
    let results: Vec<bool> = (0..conditions.len())
        .map(|index| format!("{}.conditions[{index}]", finding.path))
        .map(|path| all.iter().find(|part| part.path == path).unwrap().result)
        .collect();
    let whole = match operator {
        Junction::And => !results.contains(&false),
        Junction::Or => results.contains(&true),
    };
    assert_eq!(finding.result, whole, "{finding:?} of {results:?}");
}

fn run(case: u64) -> u64 {
    let mut random = Random::new(case ^ 0xeb1a1);
    let random = &mut random;
    let grid = Grid::new(random);
    let depth = random.below(5);
    let tree = generate::tree(random, &grid, depth);
    let Ok(criteria) = Criteria::parse(&generate::json(random, &tree)) else {
        return 0;
    };
    let mut nodes = Vec::new();
    walk(&tree, criteria.root(), "$".into(), &mut nodes);
    let user = generate::user(random, &grid);
    let facts = Known::new(random, &criteria, &user);
    let now = match random.below(50) {
        0 => i64::MAX,
        1 => i64::MIN,
        _ => grid.instant(random).min(CALENDAR_END - 1),
    };
    let say = |at: Instant, _: Precision| format!("@{}", at.0);
    let told = criteria.explain(&facts, Instant(now), &say);
    let context = format!("case {case}, now {now}, {user:?}\n{}", criteria.canonical());

    let verdict = criteria.evaluate(&facts, Instant(now));
    let root = &told.nodes[0];
    match &told.out_of_scope {
        None => assert_eq!(
            (root.result, root.flips_at),
            (verdict.truth, verdict.flips_at)
        ),
        Some(scope) => {
            assert_eq!((scope.result, scope.flips_at), (false, None), "{context}");
            assert_eq!(
                (verdict.truth, verdict.flips_at),
                (false, None),
                "{context}"
            );
        }
    }
    assert_eq!(told.nodes.len(), nodes.len(), "{context}");
    let mut said: HashMap<&str, &Finding> = HashMap::new();
    for (finding, (path, node, condition)) in told.nodes.iter().zip(&nodes) {
        assert_eq!(finding.path, *path, "{context}");
        assert!(!finding.condition.is_empty() && !finding.observed.is_empty());
        agrees_with_its_parts(finding, condition, &told.nodes);
        if !matches!(condition, Condition::Composite { .. }) {
            // Two legs that are said in the same words must be the same.
            let same = said.entry(&finding.condition).or_insert(finding);
            assert_eq!(
                (same.result, same.flips_at),
                (finding.result, finding.flips_at),
                "{context}"
            );
        }
        if Instant(now).is_finite() {
            assert_eq!(finding.result, node.holds(&user, now), "{path}, {context}");
            let mut later = node.instants(&user).into_iter().filter(|at| *at > now);
            let flips_at = later.find(|at| node.holds(&user, *at) != finding.result);
            assert_eq!(finding.flips_at, flips_at.map(Instant), "{path}, {context}");
        }
    }
    nodes.len() as u64
}

#[test]
fn explanations_agree_with_the_definition() {
    let cases = random::cases("HOGSEND_CASES", 30_000);
    let first = random::cases("HOGSEND_FIRST_CASE", 0);
    let nodes: u64 = (first..first + cases).map(run).sum();
    println!("criteria explain: {cases} trees, {nodes} nodes, no difference");
    assert!(nodes > cases);
}
