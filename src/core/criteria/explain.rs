//! Why criteria hold or do not, node by node, in words.
//!
//! Truths and flips are the evaluator's own; what is added here is what was found, said so that
//! the truth follows from it.

use super::truth::{self, END_OF_CALENDAR, counts, leaves_at};
use super::words::{self, roughly, times};
use super::{
    Condition, Criteria, EventLeg, Facts, PropertyLeg, PropertyTest, PropertyValue, Scalar, Verdict,
};
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

    /// What fits beside all the windows of criteria.
    pub fn beside_all(condition: &Condition) -> Precision {
        match condition {
            Condition::Property(_) => Precision::Minute,
            Condition::Event(leg) => leg.within.map_or(Precision::Minute, Precision::beside),
            Condition::Composite { conditions, .. } => {
                let parts = conditions.iter().map(Precision::beside_all);
                parts.max().unwrap_or(Precision::Minute)
            }
        }
    }
}

impl Criteria {
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
            facts,
            now,
            say,
            nodes: Vec::new(),
        };
        explainer.node(&self.root, "$".into());
        Explanation {
            nodes: explainer.nodes,
            out_of_scope: (!truth::in_scope(self, facts)).then(|| out_of_scope(self)),
        }
    }
}

fn out_of_scope(criteria: &Criteria) -> Finding {
    let observed = match (criteria.events().is_empty(), criteria.has_property_leg()) {
        (false, false) => "never, and only people who once did can be members",
        (false, true) => "neither",
        (true, _) => "none",
    };
    Finding {
        path: "scope".into(),
        condition: words::scope(criteria),
        result: false,
        observed: observed.into(),
        flips_at: None,
    }
}

struct Explainer<'a, F: ?Sized> {
    criteria: &'a Criteria,
    facts: &'a F,
    now: Instant,
    say: &'a dyn Fn(Instant, Precision) -> String,
    nodes: Vec<Finding>,
}

impl<F: Facts + ?Sized> Explainer<'_, F> {
    /// Adds what is to be said of a node and of all below it; returns whether the node holds. The
    /// recursion is as deep as the tree, which the parser bounds.
    fn node(&mut self, condition: &Condition, path: String) -> bool {
        let verdict = truth::of_node(condition, self.facts, self.now);
        let place = self.nodes.len();
        self.nodes.push(Finding {
            path: path.clone(),
            condition: words::condition(self.criteria, condition),
            result: verdict.truth,
            observed: String::new(),
            flips_at: verdict.flips_at,
        });
        let observed = match condition {
            Condition::Property(leg) => self.property(leg),
            Condition::Event(leg) => self.event(leg, verdict),
            Condition::Composite { conditions, .. } => {
                let mut holding = 0;
                for (index, part) in conditions.iter().enumerate() {
                    holding += usize::from(self.node(part, format!("{path}.conditions[{index}]")));
                }
                of_parts(holding, conditions.len())
            }
        };
        self.nodes[place].observed = observed;
        verdict.truth
    }

    fn property(&self, leg: &PropertyLeg) -> String {
        let Some(value) = self.facts.property(leg.property) else {
            return "absent".into();
        };
        let shown = words::value(value);
        match mismatch(&leg.test, value) {
            // Objects are not shown, but named by their type.
            Some((kind, wanted)) if shown == kind => format!("{kind}, {wanted}"),
            Some((kind, wanted)) => format!("{shown}: {kind}, {wanted}"),
            None => shown,
        }
    }

    /// How often, when last, and what becomes of it as time goes by.
    fn event(&self, leg: &EventLeg, verdict: Verdict) -> String {
        let at = |rank| self.facts.occurrence(leg.event, rank);
        let Some(latest) = at(1) else {
            return "never".into();
        };
        let inside = |rank: &u64| {
            leaves_at(at(*rank), leg.within).is_some_and(|until| counts(until, self.now))
        };
        let found = (1..=EXPLAIN_DEPTH).take_while(inside).count() as u64;
        let precision = leg.within.map_or(Precision::Minute, Precision::beside);
        let say = |instant| (self.say)(instant, precision);
        let when = say(latest);
        if found == 0 {
            let ago = leg.within.and_then(|within| self.ago(latest, within));
            let ago = ago.map_or_else(String::new, |ago| format!(", {ago}"));
            return format!("none in the window; latest {when}{ago}");
        }
        let coming = if latest > self.now {
            " (yet to come)"
        } else {
            ""
        };
        let number = self.number(leg, found, inside);
        let mut observed = if number == "once" {
            format!("once, on {when}{coming}")
        } else {
            format!("{number}; latest {when}{coming}")
        };
        if found < EXPLAIN_DEPTH
            && let Some(leaving) = self.leaving(leg, found, verdict.flips_at, &say)
        {
            observed.push_str("; ");
            observed.push_str(&leaving);
        }
        observed
    }

    /// How long ago something outside the window was.
    fn ago(&self, latest: Instant, within: Span) -> Option<String> {
        if !latest.is_finite() || !self.now.is_finite() {
            return None;
        }
        let age = self.now.since(latest);
        let said = roughly(age);
        // Rounded down it might seem to be inside.
        Some(if said == roughly(within) {
            format!("just over {} ago", words::duration(within))
        } else {
            format!("{said} ago")
        })
    }

    /// How many there are, measured by how many there should be.
    fn number(&self, leg: &EventLeg, found: u64, inside: impl Fn(&u64) -> bool) -> String {
        let wanted = leg.range.low;
        // Not exists and "at most 0 times" need no telling that one is too many.
        let beyond = leg.range.high.filter(|high| *high > 1 && inside(high));
        if found < EXPLAIN_DEPTH {
            return match beyond {
                _ if found < wanted => format!("{found} of {wanted}"),
                Some(high) => format!("{}, {} too many", times(found), found - high + 1),
                None => times(found),
            };
        }
        if wanted > found && !inside(&wanted) {
            return format!("at least {found} of {wanted}");
        }
        let known = [Some(found), Some(wanted), beyond].into_iter().flatten();
        let known = format!("at least {} times", known.max().unwrap_or(found));
        match beyond {
            Some(_) => format!("{known}, too many"),
            None => known,
        }
    }

    /// Who leaves the window: those who make the leg flip, or else the first one.
    fn leaving(
        &self,
        leg: &EventLeg,
        found: u64,
        flips_at: Option<Instant>,
        say: &dyn Fn(Instant) -> String,
    ) -> Option<String> {
        let leaves = |rank| leaves_at(self.facts.occurrence(leg.event, rank), leg.within);
        let until = flips_at.or_else(|| leaves(found))?;
        if until >= END_OF_CALENDAR {
            return None;
        }
        let gone = (1..=found)
            .filter(|rank| leaves(*rank).is_some_and(|at| at <= until))
            .count() as u64;
        let on = say(until);
        Some(match gone {
            1 if found == 1 => format!("leaves the window on {on}"),
            1 => format!("the oldest leaves the window on {on}"),
            _ if gone == found => format!("all leave the window by {on}"),
            _ => format!("{gone} leave the window by {on}"),
        })
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

/// The type of a value that is not of the type a test is about, and the type that would be.
fn mismatch(test: &PropertyTest, value: &PropertyValue) -> Option<(&'static str, String)> {
    let is = words::kind(value)?;
    let wanted = match test {
        PropertyTest::Exists | PropertyTest::NotExists => return None,
        PropertyTest::Eq(scalar) | PropertyTest::Neq(scalar) => words::scalar_kind(scalar),
        PropertyTest::Gt(_) | PropertyTest::Gte(_) | PropertyTest::Lt(_) | PropertyTest::Lte(_) => {
            "a number"
        }
        PropertyTest::Contains(_) if matches!(value, PropertyValue::Array(_)) => return None,
        PropertyTest::Contains(Scalar::String(_)) => match value {
            PropertyValue::String(_) => return None,
            _ => return Some((is, "neither a string nor an array".into())),
        },
        PropertyTest::Contains(_) => "an array",
    };
    (is != wanted).then(|| (is, format!("not {wanted}")))
}
