//! Explanations against the definition, on random trees and histories: each node by itself, each
//! composite with its parts, and the whole with what evaluation says.
//!
//! `HOGSEND_CASES` runs more of them; `HOGSEND_FIRST_CASE` starts elsewhere.

use super::facts::Listed;
use super::facts::rows::Clocks;
use hogsend_core::criteria::{Condition, Criteria, Finding, HORIZON, Junction, Precision};
use hogsend_core::time::Instant;
use hogsend_model::{CALENDAR_END, Facts, Node, Random, World, random};
use std::collections::HashMap;

/// The nodes of both trees with their paths, in the order of the document.
fn walk<'t>(
    node: &'t Node,
    condition: &'t Condition,
    path: String,
    all: &mut Vec<(String, &'t Node, &'t Condition)>,
) {
    all.push((path.clone(), node, condition));
    match (node, condition) {
        (Node::Not(node), Condition::Not(condition)) => {
            walk(node, condition, format!("{path}.condition"), all);
        }
        (Node::Composite(_, nodes), Condition::Composite { conditions, .. }) => {
            for (index, (node, condition)) in nodes.iter().zip(conditions).enumerate() {
                walk(node, condition, format!("{path}.conditions[{index}]"), all);
            }
        }
        _ => {}
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
    let world = World::any(random);
    let depth = random.below(5);
    let tree = Node::random(random, &world, depth);
    let Ok(criteria) = Criteria::parse_in(&tree.json(random), &Clocks) else {
        return 0;
    };
    let mut nodes = Vec::new();
    walk(&tree, criteria.root(), "$".into(), &mut nodes);
    let user = Facts::random(random, &world);
    let facts = Listed::stored(&criteria, &user);
    let now = match random.below(50) {
        0 => i64::MAX,
        1 => i64::MIN,
        _ => world.grid.instant(random).min(CALENDAR_END - 1),
    };
    let say = |at: Instant, _: Precision| format!("@{}", at.0);
    let told = criteria.explain(&facts, Instant(now), &say);
    let context = format!("case {case}, now {now}, {user:?}\n{}", criteria.canonical());

    let verdict = criteria.evaluate(&facts, Instant(now));
    let root = &told.nodes[0];
    match &told.out_of_scope {
        None => assert_eq!(
            (root.result, root.flips_at),
            (verdict.truth, verdict.flips_at())
        ),
        Some(scope) => {
            assert_eq!((scope.result, scope.flips_at), (false, None), "{context}");
            assert_eq!(
                (verdict.truth, verdict.flips_at()),
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
        if matches!(condition, Condition::Leg(_)) {
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
            let mut later = node.changes(&user).into_iter().filter(|at| *at > now);
            let flips_at = later.find(|at| node.holds(&user, *at) != finding.result);
            // What comes again every year is looked for no farther ahead than that.
            let horizon = match node.is_endless() {
                true => Instant(now).plus(HORIZON),
                false => Instant::INFINITY,
            };
            let flips_at = flips_at.map(Instant).filter(|at| *at < horizon);
            assert_eq!(finding.flips_at, flips_at, "{path}, {context}");
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
