//! A leg about an event in words: what it asks for, and what was found.

use super::{Comparison, CountBound, EventCheck, EventLeg, counts, leaves_at};
use crate::criteria::explain::{EXPLAIN_DEPTH, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::needs::Needs;
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::criteria::words::{self, roughly, times};
use crate::time::{Instant, Span};

/// What the leg asks for.
pub(super) fn asked(leg: &EventLeg, needs: &Needs) -> String {
    let event = words::name(needs.event(leg.series));
    let window = leg.within.map(words::window);
    let often = match leg.check {
        EventCheck::NotExists => {
            let when = window.unwrap_or_else(|| "ever".into());
            return format!("no {event} {when}");
        }
        EventCheck::Exists | EventCheck::Count(None) => format!("at least {}", times(1)),
        EventCheck::Count(Some(CountBound { operator, value })) => {
            let operator = match operator {
                Comparison::Gt => "more than",
                Comparison::Gte => "at least",
                Comparison::Lt => "less than",
                Comparison::Lte => "at most",
                Comparison::Eq => "exactly",
            };
            format!("{operator} {}", times(value))
        }
    };
    match window {
        Some(window) => format!("{event} {often} {window}"),
        None => format!("{event} {often}"),
    }
}

/// How often, when last, and what becomes of it as time goes by.
pub(super) fn found<F: Facts + ?Sized>(
    leg: &EventLeg,
    sight: &Sight<'_, F>,
    verdict: Verdict,
) -> String {
    let now = sight.now;
    let series = sight.facts.series(leg.series);
    let Some(latest) = series.rank(1) else {
        return "never".into();
    };
    let inside = |rank: &u64| {
        leaves_at(series.rank(*rank), leg.within).is_some_and(|until| counts(until, now))
    };
    let found = (1..=EXPLAIN_DEPTH).take_while(inside).count() as u64;
    let precision = super::LegKind::precision(leg);
    let say = |instant| (sight.say)(instant, precision);
    let when = say(latest);
    if found == 0 {
        let ago = leg.within.and_then(|within| ago(latest, within, now));
        let ago = ago.map_or_else(String::new, |ago| format!(", {ago}"));
        return format!("none in the window; latest {when}{ago}");
    }
    let coming = if latest > now { " (yet to come)" } else { "" };
    let number = number(leg, found, inside);
    let mut observed = if number == "once" {
        format!("once, on {when}{coming}")
    } else {
        format!("{number}; latest {when}{coming}")
    };
    if found < EXPLAIN_DEPTH
        && let Some(leaving) = leaving(leg, series, found, verdict.flips_at(), &say)
    {
        observed.push_str("; ");
        observed.push_str(&leaving);
    }
    observed
}

/// How long ago something outside the window was.
fn ago(latest: Instant, within: Span, now: Instant) -> Option<String> {
    if !latest.is_finite() || !now.is_finite() {
        return None;
    }
    let age = now.since(latest);
    let said = roughly(age);
    // Rounded down it might seem to be inside.
    Some(if said == roughly(within) {
        format!("just over {} ago", words::duration(within))
    } else {
        format!("{said} ago")
    })
}

/// How many there are, measured by how many there should be.
fn number(leg: &EventLeg, found: u64, inside: impl Fn(&u64) -> bool) -> String {
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
    leg: &EventLeg,
    series: Series<'_>,
    found: u64,
    flips_at: Option<Instant>,
    say: &dyn Fn(Instant) -> String,
) -> Option<String> {
    let leaves = |rank| leaves_at(series.rank(rank), leg.within);
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
