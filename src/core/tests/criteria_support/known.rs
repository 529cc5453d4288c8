//! The model's users as the core asks about them.

use hogsend_core::criteria::{Criteria, EXPLAIN_DEPTH, Facts, PropertyValue};
use hogsend_core::time::Instant;
use hogsend_model::Facts as Stored;

/// Facts that answer only what the criteria said they would ask.
pub struct Known<'a> {
    criteria: &'a Criteria,
    /// For each event of the criteria, latest first.
    occurrences: Vec<Vec<Instant>>,
    properties: Vec<Option<PropertyValue>>,
    live: bool,
    /// Explanations may ask for every occurrence up to this one besides.
    depth: u64,
}

impl<'a> Known<'a> {
    pub fn new(criteria: &'a Criteria, stored: &Stored) -> Known<'a> {
        let latest_first = |event: &str| {
            let occurrences = stored.of(event).iter().rev();
            occurrences.map(|o| Instant(o.at)).collect()
        };
        let property = |name: &String| {
            let value = stored.properties.as_ref()?.get(name)?;
            Some(PropertyValue::parse(&value.json()))
        };
        let events = criteria.events().iter();
        Known {
            criteria,
            occurrences: events.map(|need| latest_first(&need.event)).collect(),
            properties: criteria.properties().iter().map(property).collect(),
            live: stored.properties.is_some(),
            depth: 0,
        }
    }

    #[allow(dead_code, reason = "not every test explains")]
    pub fn to_explain(criteria: &'a Criteria, stored: &Stored) -> Known<'a> {
        Known {
            depth: EXPLAIN_DEPTH,
            ..Known::new(criteria, stored)
        }
    }
}

impl Facts for Known<'_> {
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant> {
        let need = &self.criteria.events()[event];
        assert!(
            need.ranks.contains(&rank) || (1..=self.depth).contains(&rank),
            "rank {rank} of {need:?} was never announced"
        );
        let place = usize::try_from(rank - 1).unwrap();
        self.occurrences[event].get(place).copied()
    }

    fn property(&self, property: usize) -> Option<&PropertyValue> {
        self.properties[property].as_ref()
    }

    fn live_contact(&self) -> bool {
        self.live
    }
}
