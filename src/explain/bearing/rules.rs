//! What a bucket's rules make of a stay: when it may end, when it must, and what is announced.

use hogsend_core::criteria::words::{duration, roughly};
use hogsend_core::outlook::lapsed;
use hogsend_core::stay::{DwellSchedule, EntryLimit, Policy, Reason, Stay, announces, dwell};
use hogsend_core::time::Instant;

use super::{Bearing, Row, row};

impl Bearing<'_> {
    /// Whether the member may leave yet. Who was put in by hand may always be taken out.
    pub(super) fn min_dwell(&self) -> Option<Row> {
        let stay = self.active()?;
        let min = self.bucket.policy.min_dwell?;
        let criteria = self.bucket.criteria.as_ref()?;
        let until = stay.entered_at.plus(min);
        let mut observed = self.been_in(stay);
        if self.coming(until).is_some() {
            observed.push_str(if criteria.evaluate(self.known, self.now).truth {
                "; nobody leaves before "
            } else {
                "; the criteria no longer hold, but the leave is put off until "
            });
            observed.push_str(&self.say(until));
        }
        let condition = format!("in for at least {}", duration(min));
        Some(Row {
            flips_at: self.coming(until),
            ..row("min_dwell", condition, until <= self.now, observed)
        })
    }

    /// Whether the member may stay.
    pub(super) fn max_dwell(&self) -> Option<Row> {
        let stay = self.active()?;
        let until = stay.max_dwell_at?;
        let mut observed = self.been_in(stay);
        if until <= self.now {
            observed.push_str(&format!("; the time was up on {}", self.say(until)));
        } else if self.works {
            observed.push_str(&format!("; leaves on {} at the latest", self.say(until)));
            if self.bucket.criteria.is_some() {
                observed.push_str(", whatever the criteria say");
            }
        }
        let condition = in_for_less(stay, until);
        Some(Row {
            flips_at: self.coming(until),
            ..row("max_dwell", condition, until > self.now, observed)
        })
    }

    /// Who left because the time was up is still out although the criteria hold.
    pub(super) fn timed_out(&self) -> Option<Row> {
        let past = self.stay.as_ref()?;
        let criteria = self.bucket.criteria.as_ref()?;
        if past.ended?.reason != Reason::MaxDwell
            || lapsed(criteria, self.known, past, self.now).unwrap_or(false)
            || !criteria.evaluate(self.known, self.now).truth
        {
            return None;
        }
        let until = past.max_dwell_at?;
        let observed = format!(
            "the time was up on {}; new data can bring them back, the clock only once the \
             criteria have been false in between",
            self.say(until)
        );
        Some(row("max_dwell", in_for_less(past, until), false, observed))
    }

    /// What was announced of how long the member has been in, schedule by schedule.
    pub(super) fn dwell(&self) -> Vec<Row> {
        let Some(stay) = self.active() else {
            return Vec::new();
        };
        let schedules = &self.bucket.policy.dwell;
        schedules
            .iter()
            .enumerate()
            // One length written in two ways is one schedule.
            .filter(|(place, one)| schedules[..*place].iter().all(|s| s.label != one.label))
            .map(|(_, schedule)| self.dwell_by(schedule, stay))
            .collect()
    }

    fn dwell_by(&self, schedule: &DwellSchedule, stay: &Stay) -> Row {
        let alone = Policy {
            dwell: vec![schedule.clone()],
            ..Policy::default()
        };
        let (_, due_at) = dwell(&alone, self.now, stay, false);
        let fired = stay
            .dwell_counts
            .iter()
            .find(|(label, _)| *label == schedule.label)
            .map_or(0, |(_, count)| *count);
        let length = duration(schedule.interval);
        let (condition, mut observed) = match (schedule.recurring, fired) {
            (false, 0) => (format!("dwell after {length}"), "not yet".into()),
            (false, _) => (format!("dwell after {length}"), "announced".into()),
            (true, 0) => (format!("dwell every {length}"), "none so far".into()),
            (true, n) => (format!("dwell every {length}"), format!("{n} so far")),
        };
        // Who leaves in a run does not dwell in it.
        let leaves_first =
            due_at.is_some_and(|due| self.next.is_some_and(|(at, _)| at <= due.max(self.now)));
        if let Some(due) = due_at.filter(|_| self.works) {
            let what = if fired > 0 { "; the next " } else { "; it " };
            let when = self.say(due);
            observed.push_str(what);
            observed.push_str(&if leaves_first {
                format!("would be due on {when}, but without new data the stay ends before")
            } else if due > self.now {
                format!("is due on {when}")
            } else {
                format!("is due since {when}")
            });
        }
        Row {
            flips_at: due_at.filter(|_| !leaves_first && self.works),
            ..row("dwell", condition, fired > 0, observed)
        }
    }

    /// Whether an entry would be announced now, where that is limited.
    pub(super) fn entry_limit(&self) -> Option<Row> {
        let limit = self.bucket.policy.entry_limit;
        if limit == EntryLimit::Unlimited || self.active().is_some() {
            return None;
        }
        let past = self.stay.as_ref();
        let ended = past.and_then(|past| past.ended);
        let mut flips_at = None;
        let condition = match limit {
            EntryLimit::OncePerPeriod(Some(period)) => {
                flips_at = ended.and_then(|ended| self.coming(ended.left_at.plus(period)));
                let period = duration(period);
                format!("an entry is announced when the last leave is at least {period} ago")
            }
            EntryLimit::OncePerPeriod(None) => {
                "an entry is announced once a period, and no period is set".into()
            }
            _ => "only the first entry is announced".into(),
        };
        let observed = match (past, ended) {
            (Some(past), Some(ended)) => format!(
                "this would be entry {}; left {} ago",
                past.entry_count.saturating_add(1),
                roughly(self.now.since(ended.left_at))
            ),
            _ => "this would be the first entry".into(),
        };
        let announced = announces(limit, past, self.now);
        Some(Row {
            flips_at,
            ..row("entry_limit", condition, announced, observed)
        })
    }

    /// Whether what takes effect now is announced, where that begins at an instant.
    pub(super) fn quiet(&self) -> Option<Row> {
        let until = self.bucket.policy.quiet_before?;
        let is_quiet = self.bucket.policy.is_quiet_at(self.now);
        let observed = match (is_quiet, self.active().is_some()) {
            (true, true) => "a leave or a dwell now would not be announced",
            (true, false) => "an entry now would not be announced",
            (false, true) => "a leave or a dwell is announced if it took effect since then",
            (false, false) => "an entry is announced if it took effect since then",
        };
        let condition = format!(
            "what took effect before {} is not announced",
            self.say(until)
        );
        Some(Row {
            flips_at: self.coming(until),
            ..row("quiet_before", condition, !is_quiet, observed)
        })
    }

    fn been_in(&self, stay: &Stay) -> String {
        format!("in for {}", roughly(self.now.since(stay.entered_at)))
    }
}

fn in_for_less(stay: &Stay, until: Instant) -> String {
    format!(
        "in for less than {}",
        duration(until.since(stay.entered_at))
    )
}
