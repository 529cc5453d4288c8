//! A measure in words: what is asked for, and what was found.

use super::super::observed::{nothing, passing_by, what};
use super::{Measure, MeasureLeg};
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
    }
}

/// What the leg asks for.
pub(super) fn asked(leg: &MeasureLeg, needs: &Needs) -> String {
    let of = needs.of(leg.series);
    let range = of.and_then(|of| {
        words::range(leg.window.within, leg.window.older, of.since, of.until)
    });
    let asked = format!(
        "{} is {} {}",
        measured(leg.measure, of),
        leg.operator.in_words(),
        words::number(&leg.value)
    );
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
    let of = sight.needs.of(leg.series);
    let series = sight.facts.series(leg.series);
    let Some(first) = series.latest.first() else {
        return nothing(of);
    };
    let precision = leg.precision();
    let say = |instant| (sight.say)(instant, precision);
    let mut inside = leg.window.inside(series.latest, sight.now);
    let (entered, left) = (inside.entered, inside.left);
    let state = leg.state(series, sight.now);
    let found = inside.count();
    let mut observed = match (state.number(), leg.measure) {
        _ if found == 0 => format!("none in the window; latest {}", say(*first)),
        (None, _) => format!("no number in {}", words::times(found)),
        (Some(sum), Measure::Avg) => {
            format!("{}, of {}", average(&sum, state.count()), numbers(state.count()))
        }
        (Some(number), Measure::Distinct) => {
            format!("{} different, of {}", words::number(&number), words::times(found))
        }
        (Some(number), _) => {
            format!("{}, of {}", words::number(&number), numbers(state.count()))
        }
    };
    let next = leg.window.step(&mut inside);
    let until = verdict.flips_at().unwrap_or(next);
    observed.push_str(&passing_by(leg.window, series.latest, (entered, left), until, &say));
    observed
}

/// An average for people, to the hundredth; of numbers too long for that, their sum.
fn average(sum: &Decimal, count: u64) -> String {
    const PLACES: u8 = 6;
    let divided = sum.to_exact(PLACES).map(|sum| sum / i128::from(count.max(1)));
    match divided {
        Some(micros) if micros.abs() < i128::from(i64::MAX) => {
            let exact = Decimal::of_exact(micros, PLACES);
            let hundredths = Decimal::of_exact(micros / 10_000, 2);
            let about = if exact.times(count) == *sum && exact == hundredths { "" } else { "about " };
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
