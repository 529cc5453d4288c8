//! Why criteria hold or do not, node by node, in words.
//!
//! Truths and flips are the evaluator's own; what is added here is what was found, said so that
//! the truth follows from it.

use super::facts::Facts;
use super::needs::Needs;
use super::scope::{self, Scope};
use super::tree::{Condition, Junction};
use super::{Criteria, verdict};
use crate::time::{Instant, Span};

/// Occurrences are counted up to this; who has more has "at least" as many.
pub const EXPLAIN_DEPTH: u64 = 1000;

/// Why a user matches criteria, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Each node of the tree, in the order of the document. The first one is the whole.
    pub nodes: Vec<Finding>,
    /// What is missing where the user is out of scope: then nothing holds, whatever the nodes say.
    pub out_of_scope: Option<Finding>,
}

/// What is to be said of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: a JSON path like `$.conditions[1]`; `scope` for the scope.
    pub path: String,
    /// What it asks for.
    pub condition: String,
    /// Whether that holds, of this node by itself.
    pub result: bool,
    /// What was found.
    pub observed: String,
    /// When `result` changes if no new data comes; `None`: not by the clock alone.
    pub flips_at: Option<Instant>,
}

/// What criteria ask for, in words, as the tree that they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// What the node asks for; of what has parts, the heading.
    pub words: String,
    pub parts: Vec<Outline>,
}

/// How exactly an instant is to be said. The more exact one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// The ordinary case.
    Minute,
    /// Beside lengths of less than an hour.
    Second,
}

impl Precision {
    /// What fits beside a length of time.
    pub fn beside(span: Span) -> Precision {
        if span < Span::HOUR {
            Precision::Second
        } else {
            Precision::Minute
        }
    }

    /// What fits beside all the lengths of criteria.
    pub fn beside_all(condition: &Condition) -> Precision {
        let mut finest = Precision::Minute;
        condition.legs(&mut |leg| finest = finest.max(leg.precision()));
        finest
    }
}

impl Criteria {
    /// What they ask for, in the words of [`Criteria::explain`].
    pub fn outline(&self) -> Outline {
        outline(self, &self.root)
    }

    /// Why the criteria hold at `now`, or do not. `say` puts an instant into words; it is asked
    /// about what users stored, infinities included, and about instants of the calendar.
    ///
    /// Besides what evaluation asks, `facts` must answer every rank up to [`EXPLAIN_DEPTH`].
    pub fn explain<F: Facts + ?Sized>(
        &self,
        facts: &F,
        now: Instant,
        say: &dyn Fn(Instant, Precision) -> String,
    ) -> Explanation {
        let mut explainer = Explainer {
            criteria: self,
            sight: Sight {
                facts,
                needs: &self.needs,
                now,
                say,
            },
            nodes: Vec::new(),
        };
        explainer.node(&self.root, "$".into());
        Explanation {
            nodes: explainer.nodes,
            out_of_scope: (!scope::includes(self, facts)).then(|| out_of_scope(self)),
        }
    }
}

fn out_of_scope(criteria: &Criteria) -> Finding {
    let observed = match (criteria.needs.series.is_empty(), criteria.scope) {
        (false, Scope::Involved) => "never, and only people who once did can be members",
        (false, Scope::Everybody) => "neither",
        (true, _) => "none",
    };
    Finding {
        path: "scope".into(),
        condition: scope::in_words(criteria),
        result: false,
        observed: observed.into(),
        flips_at: None,
    }
}

/// What a leg sees when it is to say what was found.
pub(super) struct Sight<'a, F: ?Sized> {
    pub facts: &'a F,
    pub needs: &'a Needs,
    pub now: Instant,
    /// Puts an instant into words.
    pub say: &'a dyn Fn(Instant, Precision) -> String,
}

struct Explainer<'a, F: ?Sized> {
    criteria: &'a Criteria,
    sight: Sight<'a, F>,
    nodes: Vec<Finding>,
}

impl<F: Facts + ?Sized> Explainer<'_, F> {
    /// Adds what is to be said of a node and of all below it; returns whether the node holds. The
    /// recursion is as deep as the tree, which the parser bounds.
    fn node(&mut self, condition: &Condition, path: String) -> bool {
        // People want to know when, not when to look again: no step is too many.
        let verdict = verdict::of_node(condition, self.sight.facts, self.sight.now, usize::MAX);
        let place = self.nodes.len();
        self.nodes.push(Finding {
            path: path.clone(),
            condition: asked(self.criteria, condition),
            result: verdict.truth,
            observed: String::new(),
            flips_at: verdict.flips_at(),
        });
        let observed = match condition {
            Condition::Leg(leg) => leg.observed(&self.sight, verdict),
            Condition::Not(inner) => match self.node(inner, format!("{path}.condition")) {
                true => "it holds".into(),
                false => "it does not hold".into(),
            },
            Condition::Composite { .. } => {
                let parts = condition.parts(&path);
                let all = parts.len();
                let holds = |(part, path)| self.node(part, path);
                let holding = parts.into_iter().map(holds).filter(|holds| *holds).count();
                of_parts(holding, all)
            }
        };
        self.nodes[place].observed = observed;
        verdict.truth
    }
}

/// The recursion is as deep as the tree, which the parser bounds.
fn outline(criteria: &Criteria, condition: &Condition) -> Outline {
    let parts = condition.parts("").into_iter();
    Outline {
        words: asked(criteria, condition),
        parts: parts.map(|(part, _)| outline(criteria, part)).collect(),
    }
}

/// What a node asks for. Of what has parts it is but the heading: they follow as nodes of their own.
fn asked(criteria: &Criteria, condition: &Condition) -> String {
    match condition {
        Condition::Leg(leg) => leg.words(&criteria.needs),
        Condition::Not(_) => "not:".into(),
        Condition::Composite { operator, .. } => match operator {
            Junction::And => "all of:".into(),
            Junction::Or => "any of:".into(),
        },
    }
}

fn of_parts(holding: usize, all: usize) -> String {
    match (holding, all) {
        (0, 2) => "neither holds".into(),
        (2, 2) => "both hold".into(),
        (0, _) => format!("none of {all} holds"),
        (1, _) => format!("1 of {all} holds"),
        _ if holding == all => format!("all {all} hold"),
        _ => format!("{holding} of {all} hold"),
    }
}
