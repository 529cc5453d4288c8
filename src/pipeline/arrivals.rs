//! Events that came, as far as journeys mention them: which of a user's they are, so that a run can begin, go on
//! or end by one of them once the user is locked.

use hogsend_core::time::Instant;

use super::Subject;
use crate::pg::event_row::Kept;
use crate::registry::Registry;
use crate::registry::journeys::NameNo;

/// One event.
#[derive(Clone)]
pub struct Arrival {
    pub name: NameNo,
    pub id: i64,
    /// When it happened, as it says.
    pub at: Instant,
    /// When it came, where it waited for the clock since; infinity: it comes now.
    arrived: Instant,
    /// What it says, where that is at hand.
    pub kept: Option<Box<Kept>>,
}

impl Arrival {
    /// One that comes now.
    pub fn now(name: NameNo, (at, id): (Instant, i64), kept: Option<Box<Kept>>) -> Arrival {
        Arrival {
            name,
            id,
            at,
            arrived: Instant::INFINITY,
            kept,
        }
    }

    /// One that came before.
    pub fn before(name: NameNo, (at, id): (Instant, i64), arrived: Instant) -> Arrival {
        Arrival {
            arrived,
            ..Arrival::now(name, (at, id), None)
        }
    }

    pub fn arrived(&self) -> Option<Instant> {
        Some(self.arrived).filter(|at| at.is_finite())
    }
}

/// The events of one user, in the order in which they came.
#[derive(Clone, Default)]
pub struct Arrivals {
    events: Vec<Arrival>,
    /// Names for which no run waits, and which have come in this statement: one is as good as many.
    others: Vec<NameNo>,
}

impl Subject {
    /// Whether it matters that an event of a name comes in this statement.
    pub fn is_news(&self, registry: &Registry, name: NameNo) -> bool {
        let known = self.arrivals.as_ref();
        registry.journeys.is_awaited(name) || known.is_none_or(|all| !all.others.contains(&name))
    }

    /// Notes an event that was stored, which journeys mention.
    pub fn came(&mut self, registry: &Registry, arrival: Arrival) {
        let arrivals = self.arrivals.get_or_insert_default();
        if arrival.arrived().is_none() && !registry.journeys.is_awaited(arrival.name) {
            arrivals.others.push(arrival.name);
        }
        arrivals.events.push(arrival);
    }

    /// What came that journeys mention.
    pub fn arrivals(&self) -> &[Arrival] {
        self.arrivals.as_ref().map_or(&[], |all| &all.events)
    }

    /// Whether there is anything to look at.
    pub fn is_concerned(&self) -> bool {
        self.everything || !self.buckets.is_empty() || self.arrivals.is_some()
    }
}
