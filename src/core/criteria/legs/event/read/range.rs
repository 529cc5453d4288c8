//! Reading when an occurrence must have happened.

use crate::criteria::measured::Measured;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::{words, zones};
use crate::time::{Instant, Span};
use serde_json::value::RawValue;

/// When an occurrence must have happened.
pub(in crate::criteria::legs) struct Range {
    pub within: Option<Span>,
    pub older: Option<Span>,
    pub since: Option<Instant>,
    pub until: Option<Instant>,
}

impl<'a> Walk<'a> {
    /// What is in a field that may be missing; `None` where it is wrong.
    pub(in crate::criteria::legs) fn optional<T>(
        &mut self,
        node: &Node<'a>,
        field: &str,
        read: impl FnOnce(&mut Self, &str, &'a RawValue) -> Option<T>,
    ) -> Option<Option<T>> {
        match node.field(field) {
            None => Some(None),
            Some(raw) => read(self, field, raw).map(Some),
        }
    }

    /// Both ends of the range, as far as there are any; reports a range in which nothing can be.
    pub(in crate::criteria::legs) fn range(&mut self, node: &Node<'a>) -> Option<Range> {
        let within = self.optional(node, "within", Walk::length);
        let older = self.optional(node, "olderThan", Walk::length);
        let zone = self.zone(node);
        let name = zone.as_deref().unwrap_or(zones::UTC);
        let instant = |walk: &mut Self, field| {
            walk.optional(node, field, |walk, field, raw| {
                walk.instant(field, raw, name)
            })
        };
        let (since, until) = (instant(self, "since"), instant(self, "until"));
        if let Some(raw) = node.field("zone")
            && ["since", "until"]
                .iter()
                .all(|end| node.field(end).is_none())
            && !zones::is_utc(name)
            && node.text("of").as_deref() != Some(Measured::DAY)
        {
            self.problem_in(
                "zone",
                self.offset(raw),
                "\"zone\" says nothing without \"since\" or \"until\"",
                "remove it: lengths of time are the same in every zone",
            );
        }
        let (within, older, since, until) = (within?, older?, since?, until?);
        let mut is_empty = |field: &str, message: String, hint: &str| {
            let at = node.field(field).map_or(node.at, |raw| self.offset(raw));
            self.problem_in(field, at, message, hint);
        };
        if let (Some(within), Some(older)) = (within, older)
            && within <= older
        {
            let (within, older) = (words::duration(within), words::duration(older));
            is_empty(
                "olderThan",
                format!("nothing is older than {older} and not older than {within}"),
                "make \"within\" longer than \"olderThan\"",
            );
            return None;
        }
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            let (since, until) = (words::instant(since), words::instant(until));
            is_empty(
                "until",
                format!("nothing is before {until} and not before {since}"),
                "make \"until\" later than \"since\"",
            );
            return None;
        }
        zone.map(|_| Range {
            within,
            older,
            since,
            until,
        })
    }
}
