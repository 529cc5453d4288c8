//! A measure in words: what is asked for, and what was found.

use super::super::observed::{nothing, passing_by, what};
use super::super::window::Inside;
use super::{Measure, MeasureLeg, Side, State};
use crate::criteria::explain::Sight;
use crate::criteria::facts::Facts;
use crate::criteria::legs::LegKind;
use crate::criteria::needs::{Needs, SeriesOf};
use crate::criteria::verdict::Verdict;
use crate::criteria::words;
use crate::decimal::Decimal;

/// What is made of the occurrences: "the sum of $value over buy".
fn measured(measure: Measure, of: Option<&SeriesOf>) -> String {
    let taken = of.and_then(|of| of.measured.as_ref());
    let taken = taken.map(|measured| measured.words()).unwrap_or_default();
    let events = what(of);
    match measure {
        Measure::Sum => format!("the sum of {taken} over {events}"),
        Measure::Avg => format!("the average of {taken} over {events}"),
        Measure::Min => format!("the least {taken} of {events}"),
        Measure::Max => format!("the greatest {taken} of {events}"),
        Measure::Distinct => format!("the number of different {taken} of {events}"),
        Measure::Count => format!("the number of {events}"),
    }
}

impl Side {
    /// What is measured, and when it is to have happened.
    pub(in crate::criteria::legs) fn words(&self, needs: &Needs) -> (String, Option<String>) {
        let of = needs.of(self.series);
        let window = self.window;
        let range = of.and_then(|of| words::range(window.within, window.older, of.since, of.until));
        (measured(self.measure, of), range)
    }

    /// How much it is, of how many.
    pub(in crate::criteria::legs) fn found(&self, state: &State, inside: &Inside) -> String {
        let found = inside.count();
        match (state.number(), self.measure) {
            (None, _) if found > 0 => format!("no number in {}", words::times(found)),
            (None, _) => "none in the window".into(),
            (Some(sum), Measure::Avg) => {
                let count = state.count();
                format!("{}, of {}", average(&sum, count), numbers(count))
            }
            (Some(number), Measure::Distinct) if found > 0 => {
                format!(
                    "{} different, of {}",
                    words::number(&number),
                    words::times(found)
                )
            }
            (Some(number), Measure::Sum | Measure::Min | Measure::Max) => {
                format!("{}, of {}", words::number(&number), numbers(state.count()))
            }
            (Some(number), _) => words::number(&number),
        }
    }
}

/// What the leg asks for.
pub(super) fn asked(leg: &MeasureLeg, needs: &Needs) -> String {
    let (measured, range) = leg.side.words(needs);
    let operator = leg.operator.in_words();
    let asked = format!("{measured} is {operator} {}", words::number(&leg.value));
    match range {
        Some(range) => format!("{asked}, {range}"),
        None => asked,
    }
}

/// How much it is, of how many, and what becomes of it as time goes by.
pub(super) fn found<F: Facts + ?Sized>(
    leg: &MeasureLeg,
    sight: &Sight<'_, F>,
    verdict: Verdict,
) -> String {
    let side = &leg.side;
    let series = sight.facts.series(side.series);
    let Some(first) = series.latest.first() else {
        return nothing(sight.needs.of(side.series));
    };
    let precision = leg.precision();
    let say = |instant| (sight.say)(instant, precision);
    let (state, inside) = side.state(sight.facts, sight.now);
    let mut observed = match inside.count() {
        0 => format!("none in the window; latest {}", say(*first)),
        _ => side.found(&state, &inside),
    };
    let until = verdict
        .flips_at()
        .unwrap_or_else(|| side.window.next(&inside));
    let (entered, left) = (inside.entered, inside.left);
    let passing = passing_by(side.window, series.latest, (entered, left), until, &say);
    observed.push_str(&passing);
    observed
}

/// An average for people, to the hundredth; of numbers too long for that, their sum.
fn average(sum: &Decimal, count: u64) -> String {
    const PLACES: u8 = 6;
    let divided = sum
        .to_exact(PLACES)
        .map(|sum| sum / i128::from(count.max(1)));
    match divided {
        Some(micros) if micros.abs() < i128::from(i64::MAX) => {
            let exact = Decimal::of_exact(micros, PLACES);
            let hundredths = Decimal::of_exact(micros / 10_000, 2);
            let about = if exact.times(count) == *sum && exact == hundredths {
                ""
            } else {
                "about "
            };
            format!("{about}{} on average", words::number(&hundredths))
        }
        _ => format!("{} in all", words::number(sum)),
    }
}

fn numbers(count: u64) -> String {
    match count {
        1 => "1 number".into(),
        count => format!("{count} numbers"),
    }
}
