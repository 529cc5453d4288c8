//! Trees with negation, which the model does not know: what a leg means is its affair.

use hogsend_model::{Facts, Node, Operator, facts::Seen};

pub enum Tree {
    Leg(hogsend_model::Leg),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

impl Tree {
    /// The tree with the nodes turned round that `turn` says, of which it is asked in the order of
    /// [`Criteria::turned`](hogsend_core::criteria::Criteria::turned).
    pub fn turned(node: &Node, turn: &mut dyn FnMut() -> bool) -> Tree {
        let same = match node {
            Node::Leg(leg) => Tree::Leg(leg.clone()),
            Node::Composite(operator, parts) => {
                let parts = parts.iter().map(|part| Tree::turned(part, turn)).collect();
                match operator {
                    Operator::And => Tree::All(parts),
                    Operator::Or => Tree::Any(parts),
                }
            }
        };
        if turn() {
            Tree::Not(Box::new(same))
        } else {
            same
        }
    }

    /// Whether it holds, whoever the user is.
    pub fn holds(&self, facts: &Facts, at: i64) -> bool {
        match self {
            Tree::Leg(leg) => leg.meaning().holds(&facts.now(), at),
            Tree::Not(inner) => !inner.holds(facts, at),
            Tree::All(parts) => parts.iter().all(|part| part.holds(facts, at)),
            Tree::Any(parts) => parts.iter().any(|part| part.holds(facts, at)),
        }
    }

    /// The same of an instant of the past; `None` where nobody knows.
    pub fn held(&self, seen: &Seen, at: i64) -> Option<bool> {
        match self {
            Tree::Leg(leg) => leg.meaning().held(seen, at),
            Tree::Not(inner) => inner.held(seen, at).map(|truth| !truth),
            Tree::All(parts) => decided(parts, seen, at, false),
            Tree::Any(parts) => decided(parts, seen, at, true),
        }
    }
}

/// One part of the deciding value is enough, and all of the other value are.
fn decided(parts: &[Tree], seen: &Seen, at: i64, deciding: bool) -> Option<bool> {
    let known: Vec<Option<bool>> = parts.iter().map(|part| part.held(seen, at)).collect();
    if known.contains(&Some(deciding)) {
        Some(deciding)
    } else if known.contains(&None) {
        None
    } else {
        Some(!deciding)
    }
}
