//! A leg about an event in words: what it asks for, and what was found.

use super::window::Window;
use super::{
    BetweenLeg, Comparison, CountBound, CountRange, EventCheck, EventLeg, Pick, PickedLeg, counts,
    leaves_at,
};
use crate::criteria::explain::{EXPLAIN_DEPTH, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::needs::{Needs, SeriesOf};
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::criteria::words::{self, roughly, times};
use crate::time::{Instant, Span};

/// What the leg asks for.
pub(super) fn asked(leg: &EventLeg, needs: &Needs) -> String {
    let of = needs.of(leg.series);
    let range = of.and_then(|of| words::range(leg.within, None, of.since, of.until));
    asked_of_count(&what(of), leg.check, range)
}

/// The same of what happened some time ago.
pub(super) fn asked_between(leg: &BetweenLeg, needs: &Needs) -> String {
    let of = needs.of(leg.series);
    let range = of.and_then(|of| words::range(leg.within, Some(leg.older), of.since, of.until));
    asked_of_count(&what(of), leg.check, range)
}

/// The same of one occurrence.
pub(super) fn asked_picked(leg: &PickedLeg, needs: &Needs) -> String {
    let of = needs.of(leg.series);
    let picked = format!("the {} {}", which(leg), what(of));
    let range = words::range(leg.within, leg.older, leg.since, leg.until);
    let having = of.and_then(|of| of.marking.as_ref());
    let having = having.map(|having| format!("with {}", having.words()));
    let all: Vec<String> = range.into_iter().chain(having).collect();
    match (leg.exists, all.is_empty()) {
        (true, true) => format!("{picked} is there"),
        (false, true) => format!("{picked} is not there"),
        (true, false) => format!("{picked} was {}", all.join(", ")),
        (false, false) => format!("{picked} was not {}, if there is any", all.join(", ")),
    }
}

fn which(leg: &PickedLeg) -> &'static str {
    match leg.pick {
        Pick::First => "first",
        Pick::Last => "last",
    }
}

/// The events that count.
pub(in crate::criteria::legs) fn what(of: Option<&SeriesOf>) -> String {
    let Some(of) = of else { return String::new() };
    let names: Vec<&str> = of.events.iter().map(String::as_str).collect();
    let events = words::events(&names).unwrap_or_default();
    match &of.filter {
        Some(filter) => format!("{events} with {}", filter.words()),
        None => events,
    }
}

fn asked_of_count(what: &str, check: EventCheck, range: Option<String>) -> String {
    let often = match check {
        EventCheck::NotExists => {
            let when = range.unwrap_or_else(|| "ever".into());
            return format!("no {what} {when}");
        }
        EventCheck::Exists | EventCheck::Count(None) => format!("at least {}", times(1)),
        EventCheck::Count(Some(CountBound { operator, value })) => {
            format!("{} {}", operator.in_words(), times(value))
        }
    };
    match range {
        Some(range) => format!("{what} {often} {range}"),
        None => format!("{what} {often}"),
    }
}

impl Comparison {
    pub(in crate::criteria::legs) fn in_words(self) -> &'static str {
        match self {
            Comparison::Gt => "more than",
            Comparison::Gte => "at least",
            Comparison::Lt => "less than",
            Comparison::Lte => "at most",
            Comparison::Eq => "exactly",
        }
    }
}

/// Nothing of what would count is there.
pub(super) fn nothing(of: Option<&SeriesOf>) -> String {
    match of {
        Some(of) if !of.is_plain() => "none such, ever".into(),
        _ => "never".into(),
    }
}

/// How often, when last, and what becomes of it as time goes by.
pub(super) fn found<F: Facts + ?Sized>(
    leg: &EventLeg,
    sight: &Sight<'_, F>,
    verdict: Verdict,
) -> String {
    let now = sight.now;
    let of = sight.needs.of(leg.series);
    let series = sight.facts.series(leg.series);
    let Some(latest) = series.rank(1) else {
        return nothing(of);
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
    let number = number(leg.range, found, inside);
    let mut observed = if number == "once" {
        format!("once, on {when}{coming}")
    } else {
        let range = of.and_then(|of| words::range(leg.within, None, of.since, of.until));
        let number = of_what(number, of, range);
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

/// Says of a number that is measured by another one what is counted, where that is not all that there is
/// of one event.
fn of_what(number: String, of: Option<&SeriesOf>, range: Option<String>) -> String {
    match of {
        Some(series) if !series.is_plain() && number.contains(" of ") => {
            let words = [Some(number), Some(what(of)), range];
            let words: Vec<String> = words.into_iter().flatten().collect();
            words.join(" ")
        }
        _ => number,
    }
}

/// The same of what happened some time ago, which enters as well as leaves.
pub(super) fn found_between<F: Facts + ?Sized>(
    leg: &BetweenLeg,
    sight: &Sight<'_, F>,
    verdict: Verdict,
) -> String {
    let now = sight.now;
    let of = sight.needs.of(leg.series);
    let latest = sight.facts.series(leg.series).latest;
    let (Some(first), true) = (latest.first(), now < END_OF_CALENDAR) else {
        return nothing(of);
    };
    let precision = super::LegKind::precision(leg);
    let say = |instant| (sight.say)(instant, precision);
    let window = leg.window();
    let mut inside = window.inside(latest, now);
    let found = inside.count();
    let mut observed = match latest.get(inside.entered) {
        Some(youngest) if found > 0 => {
            let number = number(leg.range, found.min(EXPLAIN_DEPTH), |rank| *rank <= found);
            let range =
                of.and_then(|of| words::range(leg.within, Some(leg.older), of.since, of.until));
            let number = of_what(number, of, range);
            match number.as_str() {
                "once" => format!("once, on {}", say(*youngest)),
                number => format!("{number}; latest of them {}", say(*youngest)),
            }
        }
        _ => format!("none in the window; latest {}", say(*first)),
    };
    let (entered, left) = (inside.entered, inside.left);
    let next = window.step(&mut inside);
    let until = verdict.flips_at().unwrap_or(next);
    observed.push_str(&passing_by(window, latest, (entered, left), until, &say));
    observed
}

/// Who comes into the window and who leaves it up to an instant, each after a semicolon.
pub(super) fn passing_by(
    window: Window,
    latest: &[Instant],
    (entered, left): (usize, usize),
    until: Instant,
    say: &dyn Fn(Instant) -> String,
) -> String {
    if until >= END_OF_CALENDAR {
        return String::new();
    }
    let then = window.inside(latest, until);
    let entering = entered.saturating_sub(then.entered);
    let leaving = left.saturating_sub(then.left);
    let is_only = left.saturating_sub(entered) == 1;
    let oldest = if is_only { "" } else { "the oldest " };
    let at = |place: usize| latest.get(place.wrapping_sub(1)).copied();
    let enters = at(entered).map_or(until, |next| window.enters(next));
    let leaves = at(left).map_or(until, |oldest| window.leaves(oldest));
    let comes = passing(entering, "enter", "the next ", &say(enters), &say(until));
    let goes = passing(leaving, "leave", oldest, &say(leaves), &say(until));
    let both = comes.into_iter().chain(goes);
    both.map(|passing| format!("; {passing}")).collect()
}

/// So many come into the window, or go.
fn passing(number: usize, verb: &str, one: &str, on: &str, by: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("{one}{verb}s the window on {on}")),
        many => Some(format!("{many} {verb} the window by {by}")),
    }
}

/// The one occurrence, and why it is as is asked, or is not.
pub(super) fn found_picked<F: Facts + ?Sized>(
    leg: &PickedLeg,
    sight: &Sight<'_, F>,
    _: Verdict,
) -> String {
    let of = sight.needs.of(leg.series);
    let series = sight.facts.series(leg.series);
    let Some((occurred_at, mark)) = leg.picked(series) else {
        return nothing(of);
    };
    let precision = super::LegKind::precision(leg);
    let say = |instant| (sight.say)(instant, precision);
    let when = say(occurred_at);
    let why = if let Some(since) = leg.since.filter(|since| occurred_at < *since) {
        format!(", before {}", words::instant(since))
    } else if let Some(until) = leg.until.filter(|until| occurred_at >= *until) {
        format!(", not before {}", words::instant(until))
    } else if let (false, Some(having)) = (mark, of.and_then(|of| of.marking.as_ref())) {
        format!(", not with {}", having.words())
    } else {
        match leg.inside((occurred_at, mark)) {
            Some((enters, _)) if sight.now < enters && enters < END_OF_CALENDAR => {
                format!("; enters the window on {}", say(enters))
            }
            Some((_, leaves)) if counts(leaves, sight.now) => match leaves < END_OF_CALENDAR {
                true => format!("; leaves the window on {}", say(leaves)),
                false => String::new(),
            },
            _ => {
                let ago = leg
                    .within
                    .and_then(|within| ago(occurred_at, within, sight.now));
                ago.map_or_else(String::new, |ago| format!(", {ago}"))
            }
        }
    };
    format!("the {} on {when}{why}", which(leg))
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
fn number(range: CountRange, found: u64, inside: impl Fn(&u64) -> bool) -> String {
    let wanted = range.low;
    // Not exists and "at most 0 times" need no telling that one is too many.
    let beyond = range.high.filter(|high| *high > 1 && inside(high));
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
