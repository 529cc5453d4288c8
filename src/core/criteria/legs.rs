//! The kinds of legs. Everything about a kind is in its own module, behind one contract
//! ([`LegKind`]); here is only what hands on to the right one.
//!
//! A new kind of leg takes a module that implements the contract, a variant of [`Leg`], and a line
//! in each of `each!` and [`KINDS`], unless it is read from conditions of a type that there is; only to weigh legs of its own kind against each other
//! ([`LegKind::agrees`]) does a module look into a `Leg`. What every kind must keep is tried on each one
//! that the naive model knows (tests/criteria_laws.rs).

pub(super) mod bucket;
pub(super) mod compare;
pub(super) mod date;
pub(super) mod event;
pub(super) mod everyone;
pub(super) mod property;
pub(super) mod sample;
pub(super) mod sequence;

use super::canonical::Writer;
use super::effect::Effect;
use super::explain::{Precision, Sight};
use super::facts::Facts;
use super::needs::Needs;
use super::numbers::{InnerNo, PropertyNo, SeriesNo};
use super::parse::walk::{Node, Walk};
use super::scope::Scope;
use super::tree::{Held, Hold, TooShallow};
use super::verdict::Verdict;
use crate::time::Instant;
use bucket::BucketLeg;
use compare::CompareLeg;
use date::DateLeg;
use event::{BetweenLeg, EventLeg, MeasureLeg, PickedLeg};
use everyone::EveryoneLeg;
use property::PropertyLeg;
use sample::SampleLeg;
use sequence::SequenceLeg;

/// A condition that has no conditions below it.
#[derive(Clone, Debug)]
pub enum Leg {
    /// What must hold of a property of the contact.
    Property(PropertyLeg),
    /// When a property of the contact must say that something is.
    Date(Box<DateLeg>),
    /// What must hold of the number of times an event happened, up to now.
    Event(EventLeg),
    /// The same up to some time ago.
    Between(Box<BetweenLeg>),
    /// What must hold of what is said of the times.
    Measure(Box<MeasureLeg>),
    /// What must hold of the first or the last time.
    Picked(Box<PickedLeg>),
    /// How two measures compare.
    Compare(Box<CompareLeg>),
    /// That several things happened one after the other.
    Sequence(Box<SequenceLeg>),
    /// Who is in another bucket.
    Bucket(BucketLeg),
    /// Whoever has a number in a range.
    Sample(SampleLeg),
    /// Every contact.
    Everyone(EveryoneLeg),
}

/// What every kind of leg answers. A leg's truth is a step function of time: given what is stored
/// now, it has a truth at each instant and changes it at some.
pub(super) trait LegKind: Sized {
    /// How the kind is called in a document.
    const TYPE: &'static str;
    /// The field that says what the leg is about. It gives away which kind was meant, where the type
    /// was forgotten.
    const TELLTALE: &'static str;

    /// Writes what follows the type in the canonical form, up to the closing brace.
    fn write(&self, needs: &Needs, into: &mut Writer);

    /// The truth at an instant and until when it certainly lasts. The end may be too early, but it
    /// must be later than `at`, and never earlier when it is asked about a later instant before it.
    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold;

    /// The truth at an instant of the past, not after `now`, given what had happened by then.
    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow>;

    /// Whether what was read tells the truth of every instant from `at` on, given all that is stored now:
    /// the plan is made for the present.
    fn reaches<F: Facts + ?Sized>(&self, needs: &Needs, facts: &F, at: Instant) -> bool;

    /// What one more occurrence of a series can do to the truth.
    fn effect(&self, series: SeriesNo) -> Effect;

    /// Whom criteria with such a leg are about.
    fn scope(&self) -> Scope;

    /// Whether it could be true of somebody together with all of `asked`, this one among them. May
    /// say yes where that is not certain.
    fn agrees(&self, asked: &[&Leg]) -> bool;

    /// Whether it is certainly true of everybody, always.
    fn is_always(&self) -> bool {
        false
    }

    /// Whether it could be true only of somebody without any occurrence of the series, ever.
    fn rules_out(&self, series: SeriesNo) -> bool;

    /// What the leg is about, for finding its place in a document.
    fn subject(&self) -> Subject;

    /// What the leg asks for, in words.
    fn words(&self, needs: &Needs) -> String;

    /// What was found, in words from which the truth follows.
    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, verdict: Verdict) -> String;

    /// How exactly an instant is to be said beside the lengths that the leg names.
    fn precision(&self) -> Precision;
}

/// A kind of leg that is read from conditions of its own type.
pub(super) trait LegForm: LegKind {
    /// Reads a leg and enters what it needs into the walk's plan. Reports all that is wrong.
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<Self>;

    /// Whether a leg that is to be as `asked`, however wrong otherwise, only says what must not be.
    fn is_negation(node: &Node, asked: bool) -> bool;
}

/// What a leg is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Series(SeriesNo),
    Both(SeriesNo, SeriesNo),
    Steps(Vec<SeriesNo>),
    Property(PropertyNo),
    Bucket(InnerNo),
    /// None of these.
    Nothing,
}

/// How a kind is read from a document.
pub(super) struct Kind {
    pub name: &'static str,
    telltale: &'static str,
    pub read: for<'a> fn(&mut Walk<'a>, &Node<'a>) -> Option<Leg>,
    pub is_negation: fn(&Node, bool) -> bool,
}

/// In the order in which they are listed to users.
pub(super) const KINDS: [Kind; 7] = [
    Kind {
        name: PropertyLeg::TYPE,
        telltale: PropertyLeg::TELLTALE,
        read: property::leg,
        is_negation: property::is_negation,
    },
    Kind {
        name: EventLeg::TYPE,
        telltale: EventLeg::TELLTALE,
        read: event::read::leg,
        is_negation: event::read::is_negation,
    },
    Kind {
        name: CompareLeg::TYPE,
        telltale: CompareLeg::TELLTALE,
        read: |walk, node| CompareLeg::read(walk, node).map(|leg| Leg::Compare(Box::new(leg))),
        is_negation: CompareLeg::is_negation,
    },
    Kind {
        name: SequenceLeg::TYPE,
        telltale: SequenceLeg::TELLTALE,
        read: |walk, node| SequenceLeg::read(walk, node).map(|leg| Leg::Sequence(Box::new(leg))),
        is_negation: SequenceLeg::is_negation,
    },
    Kind {
        name: BucketLeg::TYPE,
        telltale: BucketLeg::TELLTALE,
        read: |walk, node| BucketLeg::read(walk, node).map(Leg::Bucket),
        is_negation: BucketLeg::is_negation,
    },
    Kind {
        name: SampleLeg::TYPE,
        telltale: SampleLeg::TELLTALE,
        read: |walk, node| SampleLeg::read(walk, node).map(Leg::Sample),
        is_negation: SampleLeg::is_negation,
    },
    Kind {
        name: EveryoneLeg::TYPE,
        telltale: EveryoneLeg::TELLTALE,
        read: |walk, node| EveryoneLeg::read(walk, node).map(Leg::Everyone),
        is_negation: EveryoneLeg::is_negation,
    },
];

/// The kind that somebody meant who forgot the type; of several the last one.
pub(super) fn guess(node: &Node) -> Option<&'static str> {
    let mut kinds = KINDS.iter().rev();
    kinds
        .find(|kind| node.field(kind.telltale).is_some())
        .map(|kind| kind.name)
}

/// Evaluates an expression with the leg inside, whatever kind it is of.
macro_rules! each {
    ($self:expr, $leg:ident => $answer:expr) => {
        match $self {
            Leg::Property($leg) => $answer,
            Leg::Date($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Event($leg) => $answer,
            Leg::Between($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Measure($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Sequence($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Compare($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Picked($leg) => {
                let $leg = &**$leg;
                $answer
            }
            Leg::Bucket($leg) => $answer,
            Leg::Sample($leg) => $answer,
            Leg::Everyone($leg) => $answer,
        }
    };
}

fn type_of<K: LegKind>(_: &K) -> &'static str {
    K::TYPE
}

fn telltale_of<K: LegKind>(_: &K) -> &'static str {
    K::TELLTALE
}

/// The contract, handed on.
impl Leg {
    pub(super) fn kind(&self) -> &'static str {
        each!(self, leg => type_of(leg))
    }

    pub(super) fn telltale(&self) -> &'static str {
        each!(self, leg => telltale_of(leg))
    }

    pub(super) fn write(&self, needs: &Needs, into: &mut Writer) {
        each!(self, leg => leg.write(needs, into));
    }

    #[inline]
    pub(super) fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        match self {
            Leg::Event(leg) => leg.hold(facts, at),
            Leg::Property(leg) => leg.hold(facts, at),
            _ => self.hold_rare(facts, at),
        }
    }

    /// The same of kinds that are rare, apart from those that must be quick.
    #[inline(never)]
    fn hold_rare<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        each!(self, leg => leg.hold(facts, at))
    }

    pub(super) fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        each!(self, leg => leg.held(facts, at, now))
    }

    pub(super) fn reaches<F: Facts + ?Sized>(&self, needs: &Needs, facts: &F, at: Instant) -> bool {
        each!(self, leg => leg.reaches(needs, facts, at))
    }

    pub(super) fn effect(&self, series: SeriesNo) -> Effect {
        each!(self, leg => leg.effect(series))
    }

    pub(super) fn scope(&self) -> Scope {
        each!(self, leg => leg.scope())
    }

    pub(super) fn agrees(&self, asked: &[&Leg]) -> bool {
        each!(self, leg => leg.agrees(asked))
    }

    pub(super) fn is_always(&self) -> bool {
        each!(self, leg => leg.is_always())
    }

    /// Whether the clock changes its truth again and again, without an end.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self, Leg::Date(leg) if leg.is_endless())
    }

    pub(super) fn rules_out(&self, series: SeriesNo) -> bool {
        each!(self, leg => leg.rules_out(series))
    }

    pub(super) fn subject(&self) -> Subject {
        each!(self, leg => leg.subject())
    }

    pub(super) fn words(&self, needs: &Needs) -> String {
        each!(self, leg => leg.words(needs))
    }

    pub(super) fn observed<F: Facts + ?Sized>(
        &self,
        sight: &Sight<'_, F>,
        verdict: Verdict,
    ) -> String {
        each!(self, leg => leg.observed(sight, verdict))
    }

    pub(super) fn precision(&self) -> Precision {
        each!(self, leg => leg.precision())
    }
}
