//! Legs about several things that happened one after the other: "added to the cart, and did not order within an
//! hour".
//!
//! An occurrence of the first step *begins* a chain; others of the next steps follow, each after the one before and
//! not too long after it. So each beginning is good from some instant on, at once, or, where a last step must not
//! come, from when its time is over; and inside the range for a while. The leg is true where any is both, so
//! it is a union of stretches of time, one a beginning.
//!
//! All steps are gone through once, from the latest occurrence back: of those that follow only the earliest
//! that comes after is asked for, because the later another one is, the later it is good.

mod read;

use super::event::window::Window;
use super::event::{observed, reaches_window, write_absolute, write_filter, write_names};
use super::{Leg, LegForm, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Onset, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::filter::Field;
use crate::criteria::measured::Measured;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::value::Scalar;
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::criteria::words;
use crate::time::{Instant, Span};
use std::collections::HashMap;

/// A leg about steps.
#[derive(Clone, Debug)]
pub struct SequenceLeg {
    /// Two or more.
    pub steps: Vec<Step>,
    /// When the first of them must have happened.
    pub window: Window,
}

/// One of the steps.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its occurrences.
    pub series: SeriesNo,
    /// How long after the one before at the latest; `None`: however long. Of the first there is none.
    pub within: Option<Span>,
    /// It must not come. Only the last may be one.
    pub never: bool,
}

/// When something happened, and which comes first of one instant.
type Place = (Instant, i64);

/// An occurrence with its key, and from when on it is good.
type Good<'f> = (Place, &'f Scalar, Instant);

/// A beginning of a chain: when, and from when on it is good.
struct Beginning {
    at: Instant,
    from: Instant,
}

/// What there is of a step, the latest first, as far as it had arrived by some instant.
struct Rows<'f> {
    series: Series<'f>,
    begin: usize,
}

impl<'f> Rows<'f> {
    fn iter(&self) -> impl Iterator<Item = (Place, &'f Scalar)> {
        let series = self.series;
        (self.begin..series.latest.len()).filter_map(move |place| {
            let id = series.ids.get(place).copied().unwrap_or(0);
            let key = series.values.get(place)?.as_ref()?;
            Some(((*series.latest.get(place)?, id), key))
        })
    }
}

impl SequenceLeg {
    /// All beginnings of chains, the latest first.
    fn beginnings(&self, rows: &[Rows]) -> Vec<Beginning> {
        // What follows: each occurrence of the step with its key, and from when on it is good.
        let mut after: Option<(&Step, Vec<Good>)> = None;
        for (step, rows) in self.steps.iter().zip(rows).rev() {
            if step.never {
                let all = rows
                    .iter()
                    .map(|(place, key)| (place, key, Instant::NEG_INFINITY));
                after = Some((step, all.collect()));
                continue;
            }
            let good = match &after {
                None => rows
                    .iter()
                    .map(|(place, key)| (place, key, Instant::NEG_INFINITY))
                    .collect(),
                Some((next, following)) => followed(rows, next, following),
            };
            after = Some((step, good));
        }
        let (_, first) = after.unwrap_or((&self.steps[0], Vec::new()));
        first
            .into_iter()
            .map(|((at, _), _, from)| Beginning { at, from })
            .collect()
    }

    fn rows<'f, F: Facts + ?Sized>(&self, facts: &'f F) -> Vec<Rows<'f>> {
        let of = |step: &Step| Rows {
            series: facts.series(step.series),
            begin: 0,
        };
        self.steps.iter().map(of).collect()
    }

    /// The truth at an instant, and when it changes next: infinity where it never does.
    fn at(&self, beginnings: &[Beginning], at: Instant) -> (bool, Instant) {
        let mut until = None;
        let mut next = Instant::INFINITY;
        for beginning in beginnings {
            let from = self.window.enters(beginning.at).max(beginning.from);
            let leaves = self.window.leaves(beginning.at);
            if from == Instant::INFINITY || from >= leaves && leaves != Instant::INFINITY {
                continue;
            }
            if at < from {
                next = next.min(from);
            } else if at < leaves || leaves == Instant::INFINITY {
                until = until.max(Some(leaves));
            }
        }
        match until {
            Some(until) => (true, until),
            None => (false, next),
        }
    }

    fn first(&self) -> &Step {
        &self.steps[0]
    }
}

/// Those of a step that are followed by one of the next, or, where that must not come, are not, each with the
/// instant from which on that is so.
fn followed<'f>(rows: &Rows<'f>, next: &Step, following: &[Good<'f>]) -> Vec<Good<'f>> {
    let mut good = Vec::new();
    // Of each key the earliest that comes after the present place.
    let mut nearest: HashMap<&Scalar, (Place, Instant)> = HashMap::new();
    let mut later = following.iter().peekable();
    for (place, key) in rows.iter() {
        while let Some((other, key, from)) = later.next_if(|(other, ..)| *other > place) {
            nearest.insert(key, (*other, *from));
        }
        let latest = next
            .within
            .map_or(Instant::INFINITY, |within| place.0.plus(within));
        let found = nearest.get(key).filter(|((at, _), _)| *at <= latest);
        if !next.never {
            good.extend(found.map(|(_, from)| (place, key, *from)));
        } else if found.is_none() {
            let from = next.within.map_or(Instant::NEG_INFINITY, |_| latest.next());
            good.push((place, key, from));
        }
    }
    good
}

impl LegForm for SequenceLeg {
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<SequenceLeg> {
        read::leg(walk, node)
    }

    fn is_negation(_: &Node, _: bool) -> bool {
        false
    }
}

impl LegKind for SequenceLeg {
    const TYPE: &'static str = "sequence";
    const TELLTALE: &'static str = "steps";

    fn write(&self, needs: &Needs, into: &mut Writer) {
        into.objects("steps", &self.steps, |step, into| {
            let of = needs.of(step.series);
            write_names(of, into);
            write_filter(of, into);
            if let Some(within) = step.within {
                into.span("within", within);
            }
            if step.never {
                into.raw("never", true);
            }
        });
        let first = needs.of(self.first().series);
        if let Some(Measured::Keys(fields)) = first.and_then(|of| of.measured.as_ref())
            && !fields.is_empty()
        {
            let all: Vec<String> = fields.iter().map(Field::json).collect();
            into.raw("match", format_args!("[{}]", all.join(",")));
        }
        if let Some(within) = self.window.within {
            into.span("within", within);
        }
        if let Some(older) = self.window.older {
            into.span("olderThan", older);
        }
        if let Some(of) = first {
            write_absolute(of.since, of.until, into);
        }
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        let beginnings = self.beginnings(&self.rows(facts));
        let (truth, edge) = self.at(&beginnings, at);
        match edge < END_OF_CALENDAR {
            true => Hold { truth, edge },
            false => Hold::for_good(truth),
        }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        let mut since = ALWAYS;
        let mut rows = self.rows(facts);
        for of_step in &mut rows {
            let series = of_step.series;
            // What was not read had left by then, and so had whatever it followed.
            if !series.is_complete() {
                match self.window.within {
                    Some(within) if reaches_window(series, within, at) => {
                        since = since.max(series.from.plus(within));
                    }
                    _ => return Err(TooShallow),
                }
            }
            // What lies in the future has come now, and had not before.
            let arrives = |o: Instant| o.min(now);
            of_step.begin = series.latest.partition_point(|o| at < arrives(*o));
            let arrived = series.latest.get(of_step.begin);
            since = arrived.map_or(since, |o| since.max(arrives(*o)));
        }
        let beginnings = self.beginnings(&rows);
        for beginning in &beginnings {
            let enters = self.window.enters(beginning.at);
            let edges = [enters, beginning.from, self.window.leaves(beginning.at)];
            let passed = edges.into_iter().filter(|edge| *edge <= at);
            since = passed.fold(since, Instant::max);
        }
        Ok(Held {
            truth: Some(self.at(&beginnings, at).0),
            since,
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, facts: &F, at: Instant) -> bool {
        self.steps.iter().all(|step| {
            let series = facts.series(step.series);
            let in_window = |within| reaches_window(series, within, at);
            series.is_complete() || self.window.within.is_some_and(in_window)
        })
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        let mut effect = Effect::NONE;
        for (place, step) in self.steps.iter().enumerate() {
            if step.series == series {
                let onset = self.window.older.filter(|_| place == 0);
                effect = effect.and(Effect {
                    order: if step.never { Order::Down } else { Order::Up },
                    from: onset.map_or(Onset::AtOnce, Onset::After),
                });
            }
        }
        effect
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, _: &[&Leg]) -> bool {
        true
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Steps(self.steps.iter().map(|step| step.series).collect())
    }

    fn words(&self, needs: &Needs) -> String {
        let first = needs.of(self.first().series);
        let mut said = observed::what(first);
        let range = first
            .and_then(|of| words::range(self.window.within, self.window.older, of.since, of.until));
        if let Some(range) = range {
            said.push_str(&format!(" {range}"));
        }
        for step in self.steps.iter().skip(1) {
            let no = if step.never { "no " } else { "" };
            said.push_str(&format!(
                ", then {no}{}",
                observed::what(needs.of(step.series))
            ));
            if let Some(within) = step.within {
                said.push_str(&format!(" within {}", words::duration(within)));
            }
        }
        if let Some(measured) = first.and_then(|of| of.measured.as_ref()) {
            let same = measured.words();
            if !same.is_empty() {
                said.push_str(&format!(", with the same {same}"));
            }
        }
        said
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        let first = observed::what(sight.needs.of(self.first().series));
        let precision = self.precision();
        let say = |instant| (sight.say)(instant, precision);
        let rows = self.rows(sight.facts);
        let Some(latest) = rows[0].series.latest.first() else {
            return format!("no {first}, ever");
        };
        let beginnings = self.beginnings(&rows);
        let stretch = |beginning: &Beginning| {
            let enters = self.window.enters(beginning.at);
            (enters.max(beginning.from), self.window.leaves(beginning.at))
        };
        let is_so = |beginning: &&Beginning| {
            let (from, leaves) = stretch(beginning);
            from <= sight.now && (sight.now < leaves || leaves == Instant::INFINITY)
        };
        if let Some(beginning) = beginnings.iter().find(is_so) {
            let until = match stretch(beginning).1 {
                leaves if leaves < END_OF_CALENDAR => {
                    format!("; leaves the window on {}", say(leaves))
                }
                _ => String::new(),
            };
            return format!("since {first} on {}{until}", say(beginning.at));
        }
        let mut coming = beginnings.iter().filter(|beginning| {
            let (from, leaves) = stretch(beginning);
            sight.now < from
                && from < END_OF_CALENDAR
                && (from < leaves || leaves == Instant::INFINITY)
        });
        match coming.next_back() {
            Some(beginning) => {
                let from = say(stretch(beginning).0);
                format!(
                    "{first} on {}; so from {from} on, if nothing comes",
                    say(beginning.at)
                )
            }
            None => format!("none is so; latest {first} on {}", say(*latest)),
        }
    }

    fn precision(&self) -> Precision {
        let steps = self.steps.iter().filter_map(|step| step.within);
        let all = steps.chain(self.window.within).chain(self.window.older);
        all.map(Precision::beside)
            .max()
            .unwrap_or(Precision::Minute)
    }
}
