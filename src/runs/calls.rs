//! What a runner says of a run: where it goes on, and that it ends.

use hogsend_core::run::{self, Call, Caller, Change, State};
use hogsend_core::time::{Instant, Span};
use pgrx::datum::Interval;
use pgrx::pg_sys;
use pgrx::prelude::*;

use super::{awaited, given};
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::given::Jsonb;
use crate::pg::sql::Session;
use crate::registry;
use crate::store::contacts;
use crate::store::runs::{self, Stored, WaitsFor, Written, timer_of};
use crate::store::timers;

/// Lets a run wait for a time; false when it is live no more, or the step was answered by somebody else.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_sleep(
    run: Option<i64>,
    duration: Option<Interval>,
    label: Option<&str>,
    state: default!(Option<Jsonb>, "NULL"),
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::Sleep(Until::In(given::span("duration", duration))),
        label: Some(given::label(label)),
        state: given::state(state),
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// Lets a run wait until an instant, which may have passed; false as above.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_sleep_until(
    run: Option<i64>,
    at: Option<TimestampWithTimeZone>,
    label: Option<&str>,
    state: default!(Option<Jsonb>, "NULL"),
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::Sleep(Until::At(given::instant(at))),
        label: Some(given::label(label)),
        state: given::state(state),
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// Lets a run wait for an event or a transition that the filter lets through, for so long at most; false as
/// above.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
#[allow(clippy::too_many_arguments)]
fn hogsend_wait_for(
    run: Option<i64>,
    event: Option<&str>,
    timeout: Option<Interval>,
    label: Option<&str>,
    filter: default!(Option<Jsonb>, "NULL"),
    state: default!(Option<Jsonb>, "NULL"),
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::WaitFor {
            event: given::event(event),
            filter: given::filter(filter),
            timeout: given::span("timeout", timeout),
        },
        label: Some(given::label(label)),
        state: given::state(state),
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// Notes how far a run has come, and lets it go on as it was; false as above.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_checkpoint(
    run: Option<i64>,
    label: Option<&str>,
    state: default!(Option<Jsonb>, "NULL"),
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::Checkpoint,
        label: Some(given::label(label)),
        state: given::state(state),
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// Ends a run that has come to its end; false as above.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_complete(
    run: Option<i64>,
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::Complete,
        label: None,
        state: None,
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// Ends a run that cannot go on, and keeps the reason with it; false as above.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_fail(
    run: Option<i64>,
    error: Option<&str>,
    step: default!(Option<i64>, "NULL"),
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let said = Said {
        what: What::Fail(given::error(error)),
        label: None,
        state: None,
    };
    tell(given::run(run), step, &said, fcinfo)
}

/// What is said of a run.
struct Said<'a> {
    what: What<'a>,
    label: Option<&'a str>,
    state: Option<Jsonb>,
}

enum What<'a> {
    Sleep(Until),
    WaitFor {
        event: &'a str,
        filter: Option<Jsonb>,
        timeout: Span,
    },
    Checkpoint,
    Complete,
    Fail(&'a str),
}

#[derive(Clone, Copy)]
enum Until {
    In(Span),
    At(Instant),
}

impl Said<'_> {
    fn call(&self, now: Instant) -> Call {
        match self.what {
            What::Sleep(Until::In(span)) => Call::Sleep {
                until: now.storable_plus(span),
            },
            What::Sleep(Until::At(until)) => {
                given::check_until(until, now);
                Call::Sleep { until }
            }
            What::WaitFor { timeout, .. } => Call::WaitFor {
                until: now.storable_plus(timeout),
            },
            What::Checkpoint => Call::Checkpoint,
            What::Complete => Call::Complete,
            What::Fail(_) => Call::Fail,
        }
    }

    /// For what it is to wait.
    fn event(&self) -> Option<&str> {
        match self.what {
            What::WaitFor { event, .. } => Some(event),
            _ => None,
        }
    }
}

/// Does what is said of a run, unless it is too late for that.
fn tell(run: i64, step: Option<i64>, said: &Said, fcinfo: pg_sys::FunctionCallInfo) -> bool {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    clock::require_writable();
    let find = || {
        Session::write(&context, |session| {
            runs::owner(session, run, said.event(), step)
        })
    };
    let Some(mut owner) = find() else {
        given::unknown_run(run).raise()
    };
    if let (Some(event), true, false) = (said.event(), owner.is_open, owner.is_awaited) {
        // Before the contact is locked, because it waits for all who were evaluated without it.
        awaited::mention(&context, &owner.journey, event);
    }
    registry::for_writing(&context);
    while owner.is_open {
        let told = Session::write(&context, |session| {
            let told = Told {
                session,
                user: &owner.user,
                journey: &owner.journey,
            };
            told.tell(run, step, said)
        });
        if let Some(told) = told {
            return told;
        }
        // The run is another user's by now: who had it is that one's other id.
        match find() {
            Some(found) if found.user != owner.user => owner = found,
            _ => break,
        }
    }
    false
}

/// Whose run of which journey it is, as far as is known without the lock.
struct Told<'a> {
    session: &'a Session<'a>,
    user: &'a str,
    journey: &'a str,
}

impl Told<'_> {
    /// `None`: it is not the user's any more.
    fn tell(&self, run: i64, step: Option<i64>, said: &Said) -> Option<bool> {
        let session = self.session;
        let contacts = contacts::lock(session, &[self.user], &[]);
        let now = clock::now();
        let latest = runs::latest(session, &[self.user], &[self.journey])
            .pop()
            .flatten();
        // One that is live is the last.
        let stored = latest.filter(|latest| latest.run.id == run)?;
        if contacts
            .get(self.user)
            .is_none_or(|contact| contact.deleted)
        {
            // Whoever deleted the contact has ended it, unless triggers were off.
            super::bury(session, &[self.user], now);
            timers::disarm_users(session, &[self.user]);
            return Some(false);
        }
        let caller = match step {
            None => Caller::Anybody,
            Some(step) => Caller::Answers {
                is_last: stored.step_id == Some(step),
            },
        };
        let Some(change) = run::tell(&stored.run, said.call(now), caller) else {
            return Some(false);
        };
        self.write(&stored, change, said, now);
        Some(true)
    }

    fn write(&self, stored: &Stored, change: Change, said: &Said, now: Instant) {
        let after = stored.run.after(change, now);
        let mut labels = stored.labels();
        let from = stored.label.as_deref().unwrap_or_default();
        labels.note(change, from, said.label, now.since(stored.run.since));
        // A checkpoint says nothing about what it waits for.
        let goes_on = change == Change::Checkpoint;
        let wait = match said.what {
            What::WaitFor { event, filter, .. } => WaitsFor {
                event: Some(event),
                filter: filter.map(Jsonb::datum),
            },
            _ => WaitsFor {
                event: None,
                filter: None,
            },
        };
        runs::write(
            self.session,
            stored.place,
            &Written {
                run: &after,
                user: self.user,
                label: said.label.or(stored.label.as_deref()),
                state: said.state.map(Jsonb::datum),
                error: match said.what {
                    What::Fail(error) => Some(error),
                    _ => None,
                },
                wait: Some(wait).filter(|_| !goes_on),
                labels: &labels,
            },
        );
        let timer = timer_of(self.journey);
        match after.state {
            _ if goes_on => {}
            State::Waiting(wait) => {
                timers::set(self.session, self.user, &timer, wait.until);
            }
            _ => timers::unset(self.session, &[(self.user, &timer)]),
        }
    }
}
