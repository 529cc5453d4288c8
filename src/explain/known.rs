//! What is known of the one user who is asked about, deep enough to be counted.

use hogsend_core::criteria::{Criteria, EXPLAIN_DEPTH, Facts, PropertyValue};
use hogsend_core::time::Instant;

use crate::pg::sql::Session;
use crate::store::contacts::{self, Contact};
use crate::store::facts::{self, Occurrences, Question};

/// The facts of one user, as one bucket's criteria ask for them.
pub struct Known<'a> {
    criteria: Option<&'a Criteria>,
    contact: Option<Contact>,
    /// For each event of the criteria: the latest ones, latest first.
    latest: Vec<Vec<Instant>>,
    /// For each event: those beyond, by rank. Empty when nobody asks for them.
    far: Vec<Occurrences>,
}

impl<'a> Known<'a> {
    pub fn load(session: &Session, criteria: Option<&'a Criteria>, user: &str) -> Known<'a> {
        let (needs, keys) = criteria.map_or((&[][..], &[][..]), |criteria| {
            (criteria.events(), criteria.properties())
        });
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let near: Vec<(&str, &str, i64)> = needs
            .iter()
            .map(|need| (user, need.event.as_str(), EXPLAIN_DEPTH as i64))
            .collect();
        let is_far = |rank: &u64| *rank > EXPLAIN_DEPTH;
        let far: Vec<Question> = needs
            .iter()
            .map(|need| Question {
                user,
                event: &need.event,
                ranks: need.ranks.iter().copied().filter(is_far).collect(),
            })
            .collect();
        Known {
            criteria,
            contact: contacts::read(session, &[user], &keys).remove(user),
            latest: facts::latest(session, &near),
            far: if needs.iter().any(|need| need.ranks.iter().any(is_far)) {
                facts::occurrences(session, &far)
            } else {
                Vec::new()
            },
        }
    }
}

impl Facts for Known<'_> {
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant> {
        if rank > EXPLAIN_DEPTH {
            return self.far.get(event)?.rank(rank);
        }
        let place = rank.checked_sub(1)? as usize;
        self.latest.get(event)?.get(place).copied()
    }

    fn property(&self, property: usize) -> Option<&PropertyValue> {
        let name = self.criteria?.properties().get(property)?;
        let contact = self.contact.as_ref().filter(|contact| !contact.deleted)?;
        contact.property(name)
    }

    fn live_contact(&self) -> bool {
        self.contact
            .as_ref()
            .is_some_and(|contact| !contact.deleted)
    }
}
