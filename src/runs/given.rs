//! What a runner may say, and what it may not.

use hogsend_core::criteria::{MAX_EVENT_NAME, Problem};
use hogsend_core::run::{LONGEST_LABEL, LONGEST_WAIT};
use hogsend_core::time::{Instant, Span};
use pgrx::datum::Interval;
use pgrx::prelude::*;

use crate::language;
use crate::pg::error::Refusal;
use crate::pg::given::Jsonb;

/// A state may have so many bytes, and so may a filter and an error.
const LARGEST: usize = 1024 * 1024;

pub fn run(run: Option<i64>) -> i64 {
    run.unwrap_or_else(|| {
        Refusal::null("run")
            .detail("It is the number of a run, as hogsend_poll() gives it in \"run_id\".")
            .hint("Say which run it is about.")
            .raise()
    })
}

/// The error for a run that nobody ever began.
pub fn unknown_run(run: i64) -> Refusal {
    Refusal::unknown(format!("run {run} does not exist"))
        .detail("No row of table \"journey_runs\" has this id; that of an erased user is gone.")
        .hint("Take it from column \"run_id\" of hogsend_poll().")
}

pub fn label(label: Option<&str>) -> &str {
    let Some(label) = label else {
        Refusal::null("label")
            .detail("By its label a runner knows where a run goes on.")
            .hint("Name the place, like 'second-mail'.")
            .raise()
    };
    if label.is_empty() || label.len() > LONGEST_LABEL {
        let (flaw, detail) = match label.len() {
            0 => (
                "must not be empty",
                String::from("By its label a runner knows where a run goes on."),
            ),
            len => (
                "is too long",
                format!("It has {len} bytes, and at most {LONGEST_LABEL} are possible."),
            ),
        };
        Refusal::invalid(format!("label {flaw}"))
            .detail(detail)
            .hint("Name the place, like 'second-mail'; what differs from user to user belongs into state.")
            .raise()
    }
    label
}

/// How long to wait.
pub fn span(argument: &str, interval: Option<Interval>) -> Span {
    let Some(interval) = interval else {
        Refusal::null(argument)
            .detail("Whoever waits goes on some time.")
            .hint("Give an interval like '2 days'; at most ten years are possible.")
            .raise()
    };
    let (months, days, micros) = (interval.months(), interval.days(), interval.micros());
    let is_endless = [
        (i32::MAX, i32::MAX, i64::MAX),
        (i32::MIN, i32::MIN, i64::MIN),
    ]
    .contains(&(months, days, micros));
    let refuse = |flaw: &str, detail: &str, hint: &str| -> ! {
        Refusal::invalid(format!("{argument} {flaw}"))
            .detail(detail)
            .hint(hint)
            .raise()
    };
    if is_endless {
        refuse(
            "must not be infinite",
            "Whoever waits goes on some time.",
            "Give an interval like '2 days'; at most ten years are possible.",
        )
    }
    if months != 0 {
        refuse(
            "must not be given in months or years",
            "The length of a month varies.",
            "Use days, hours, minutes and seconds, such as '30 days', or hogsend_sleep_until().",
        )
    }
    let span = i128::from(days) * i128::from(Span::DAY.0) + i128::from(micros);
    if span < 0 {
        refuse(
            "must not be negative",
            "Nobody waits for what has been.",
            "Give an interval like '2 days'; '0' goes on at once.",
        )
    }
    match i64::try_from(span) {
        Ok(span) if span <= LONGEST_WAIT.0 => Span(span),
        _ => refuse(
            "is too long",
            "A run waits for at most ten years.",
            "Give a shorter one; when it is over the run may wait anew.",
        ),
    }
}

/// Until when to sleep; what has passed is due at once.
pub fn instant(at: Option<TimestampWithTimeZone>) -> Instant {
    let Some(at) = at else {
        Refusal::null("at")
            .detail("Whoever sleeps wakes up some time.")
            .hint("Give the instant at which the run goes on.")
            .raise()
    };
    let at = Instant(i64::from(at));
    if !at.is_finite() {
        Refusal::invalid("at must not be infinite")
            .detail("Whoever sleeps wakes up some time.")
            .hint("Give the instant at which the run goes on; hogsend_complete() ends it.")
            .raise()
    }
    at
}

/// Refuses a sleep that is too long, counted from now.
pub fn check_until(until: Instant, now: Instant) {
    if until > now.plus(LONGEST_WAIT) {
        Refusal::invalid("at is too far ahead")
            .detail("A run waits for at most ten years.")
            .hint("Give an earlier instant; when it has come the run may sleep anew.")
            .raise()
    }
}

/// The name of an event or a transition to wait for. Which transitions there are the table says.
pub fn event(event: Option<&str>) -> &str {
    let Some(event) = event else {
        Refusal::null("event")
            .detail("A run waits for an event or a transition by its name.")
            .hint("hogsend_sleep(run, duration, label) waits for the time alone.")
            .raise()
    };
    if event.is_empty() {
        Refusal::invalid("event must not be empty")
            .detail("A run waits for an event or a transition by its name.")
            .hint("hogsend_sleep(run, duration, label) waits for the time alone.")
            .raise()
    }
    if event.len() > MAX_EVENT_NAME {
        Refusal::invalid("event is too long")
            .detail(format!(
                "It has {} bytes, and at most {MAX_EVENT_NAME} are possible.",
                event.len()
            ))
            .hint("Give the event a shorter name; what differs from user to user belongs into its properties.")
            .raise()
    }
    if event.starts_with("journey:") {
        Refusal::invalid("a run cannot wait for the steps of journeys")
            .detail(format!("\"{event}\" is one."))
            .hint("Let the runner of that journey store an event of its own, and wait for that.")
            .raise()
    }
    event
}

/// What is to be kept of a run; JSON's null is nothing, too.
pub fn state(state: Option<Jsonb>) -> Option<Jsonb> {
    check_size("state", state?.size());
    state.filter(|state| !state.is_null())
}

pub fn error(error: Option<&str>) -> &str {
    let Some(error) = error else {
        Refusal::null("error")
            .detail("A run that fails does so for a reason.")
            .hint("Say why; hogsend_complete() ends a run that has come to its end.")
            .raise()
    };
    check_size("error", error.len());
    error
}

/// What the event must satisfy.
pub fn filter(filter: Option<Jsonb>) -> Option<Jsonb> {
    let filter = filter.filter(|filter| !filter.is_null())?;
    check_size("filter", filter.size());
    if let Err(problems) = language::parse_filter(&filter.text()) {
        refuse_filter(&problems)
    }
    Some(filter)
}

fn refuse_filter(problems: &[Problem]) -> ! {
    let more = match problems.len().saturating_sub(1) {
        0 => String::new(),
        1 => " 1 more problem was found.".into(),
        more => format!(" {more} more problems were found."),
    };
    let first = problems.first();
    let message = first.map_or("it cannot be read", |problem| &problem.message);
    Refusal::invalid(format!("filter: {message}"))
        .detail(first.map_or(String::new(), |problem| {
            format!("At {} of the filter.{more}", problem.path)
        }))
        .hint(first.map_or(String::new(), |problem| problem.hint.clone()))
        .raise()
}

fn check_size(argument: &str, size: usize) {
    if size > LARGEST {
        Refusal::invalid(format!("{argument} is too large"))
            .detail(format!(
                "It has {size} bytes, and at most {LARGEST} are possible."
            ))
            .hint("Keep what is large in a table of yours, and its key here.")
            .raise()
    }
}
