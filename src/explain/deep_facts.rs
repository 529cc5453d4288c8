//! What is known of the one user who is asked about, deep enough to be counted.

use hogsend_core::criteria::{
    Criteria, EXPLAIN_DEPTH, Enough, Facts, InnerNo, Membership, Path, PropertyNo, PropertyValue,
    Series, SeriesNeed, SeriesNo, Zones,
};
use hogsend_core::stay::Stay;
use hogsend_core::time::Instant;

use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::registry::{KeyNo, Number};
use crate::store::contacts::{self, Contact};
use crate::store::facts::{self, Ask, Occurrences, Question};
use crate::store::stays;

/// The facts of one user, as one bucket's criteria ask for them.
pub struct DeepFacts {
    user: String,
    contact: Option<Contact>,
    /// For each series of the criteria.
    occurrences: Vec<Occurrences>,
    /// For each bucket that the criteria name.
    memberships: Vec<Membership>,
}

impl DeepFacts {
    pub fn load(
        session: &Session,
        criteria: Option<&Criteria>,
        user: &str,
        now: Instant,
    ) -> DeepFacts {
        let (needs, keys) = criteria.map_or((&[][..], &[][..]), |criteria| {
            (criteria.series(), criteria.properties())
        });
        let keys = keys.iter().enumerate();
        let keys: Vec<(KeyNo, &Path)> = keys
            .map(|(place, path)| (KeyNo::new(place), path))
            .collect();
        let question = |need: &'_ SeriesNeed| {
            let mut ask = Ask::of(need);
            if facts::is_by_rank(need) {
                // So many are read in any case; only what lies beyond is looked up.
                ask.ranks.retain(|rank| *rank > EXPLAIN_DEPTH);
            } else {
                ask.enough.push(Enough::count(EXPLAIN_DEPTH));
            }
            ask
        };
        let questions: Vec<Question> = needs
            .iter()
            .map(|need| Question {
                user,
                of: &need.of,
                ask: question(need),
                adds_up: false,
            })
            .collect();
        let mut occurrences = facts::occurrences(session, &questions, now);
        let near = needs.iter().zip(&mut occurrences);
        let (near, asked): (Vec<&mut Occurrences>, Vec<(&str, &str, i64)>) = near
            .filter(|(need, _)| facts::is_by_rank(need))
            .map(|(need, occurrences)| {
                let event = need.of.events[0].as_str();
                (occurrences, (user, event, EXPLAIN_DEPTH as i64))
            })
            .unzip();
        for (occurrences, latest) in near.into_iter().zip(facts::latest(session, &asked)) {
            occurrences.deepen(latest, EXPLAIN_DEPTH as usize);
        }
        DeepFacts {
            user: user.to_owned(),
            contact: contacts::read(session, &[user], &keys).remove(user),
            occurrences,
            memberships: memberships(session, criteria, user),
        }
    }
}

impl DeepFacts {
    /// Whether the user has a live contact.
    pub fn is_live(&self) -> bool {
        self.live_contact()
    }

    /// Notes how the user stands with a bucket, if the criteria name it.
    pub fn learn(&mut self, criteria: &Criteria, id: &str, membership: Membership) {
        let place = criteria.buckets().iter().position(|named| named == id);
        if let Some(known) = place.and_then(|place| self.memberships.get_mut(place)) {
            *known = membership;
        }
    }

    /// The same with other memberships, for each bucket that the criteria name.
    pub fn with_memberships(self, memberships: Vec<Membership>) -> DeepFacts {
        DeepFacts {
            memberships,
            ..self
        }
    }
}

/// How the user stands with the buckets that criteria name.
fn memberships(session: &Session, criteria: Option<&Criteria>, user: &str) -> Vec<Membership> {
    let named = criteria.iter().flat_map(|criteria| criteria.buckets());
    let named: Vec<&str> = named.map(String::as_str).collect();
    let latest = stays::latest(session, &vec![user; named.len()], &named);
    let standing = latest.iter().map(|stay| Stay::membership(stay.as_ref()));
    standing.collect()
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

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships
            .get(bucket.index())
            .copied()
            .unwrap_or_default()
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.contact
            .as_ref()
            .is_some_and(|contact| !contact.deleted)
    }

    fn zones(&self) -> &dyn Zones {
        &ServerZones
    }
}
