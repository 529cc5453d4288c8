//! What is known of the one user who is asked about, deep enough to be counted.

use hogsend_core::criteria::{
    Criteria, EXPLAIN_DEPTH, Facts, Path, PropertyNo, PropertyValue, Series, SeriesNo,
};

use crate::pg::sql::Session;
use crate::registry::{KeyNo, Number};
use crate::store::contacts::{self, Contact};
use crate::store::facts::{self, Occurrences, Question};

/// The facts of one user, as one bucket's criteria ask for them.
pub struct DeepFacts {
    user: String,
    contact: Option<Contact>,
    /// For each series of the criteria.
    occurrences: Vec<Occurrences>,
}

impl DeepFacts {
    pub fn load(session: &Session, criteria: Option<&Criteria>, user: &str) -> DeepFacts {
        let (needs, keys) = criteria.map_or((&[][..], &[][..]), |criteria| {
            (criteria.series(), criteria.properties())
        });
        let keys = keys.iter().enumerate();
        let keys: Vec<(KeyNo, &Path)> = keys
            .map(|(place, path)| (KeyNo::new(place), path))
            .collect();
        let near: Vec<(&str, &str, i64)> = needs
            .iter()
            .map(|need| (user, need.of.events[0].as_str(), EXPLAIN_DEPTH as i64))
            .collect();
        let is_far = |rank: &u64| *rank > EXPLAIN_DEPTH;
        let far: Vec<Question> = needs
            .iter()
            .map(|need| Question {
                user,
                event: &need.of.events[0],
                ranks: need.ranks.iter().copied().filter(is_far).collect(),
            })
            .collect();
        let mut occurrences = if needs.iter().any(|need| need.ranks.iter().any(is_far)) {
            facts::occurrences(session, &far)
        } else {
            vec![Occurrences::default(); needs.len()]
        };
        let latest = facts::latest(session, &near);
        for (occurrences, latest) in occurrences.iter_mut().zip(latest) {
            occurrences.dense = latest;
        }
        DeepFacts {
            user: user.to_owned(),
            contact: contacts::read(session, &[user], &keys).remove(user),
            occurrences,
        }
    }
}

impl Facts for DeepFacts {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let occurrences = self.occurrences.get(series.index());
        occurrences.map_or_else(Series::default, Occurrences::series)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        let contact = self.contact.as_ref().filter(|contact| !contact.deleted)?;
        contact.property(KeyNo::new(property.index()))
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.contact
            .as_ref()
            .is_some_and(|contact| !contact.deleted)
    }
}
