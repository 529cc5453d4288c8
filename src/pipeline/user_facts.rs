//! The facts of users, loaded for a whole pass and handed to the evaluator bucket by bucket.

use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use hogsend_core::criteria::{Facts, PropertyNo, PropertyValue, Series, SeriesNo};
use hogsend_core::time::Instant;

use super::Subject;
use crate::pg::sql::Session;
use crate::registry::{Bucket, EventNo, Registry};
use crate::store::contacts::Contact;
use crate::store::facts::{self, Occurrences, Question};

/// What is known of one user.
pub struct UserFacts<'a> {
    user: &'a str,
    contact: Option<&'a Contact>,
    /// By the event's number in the registry, ascending.
    events: Vec<(EventNo, Held)>,
}

/// What somebody did, read for them or for a whole stretch.
enum Held {
    Own(Occurrences),
    Shared(Rc<Vec<Occurrences>>, usize),
}

impl Deref for Held {
    type Target = Occurrences;

    fn deref(&self) -> &Occurrences {
        match self {
            Held::Own(occurrences) => occurrences,
            Held::Shared(all, place) => &all[*place],
        }
    }
}

/// What is known of one user, as one bucket asks for it.
#[derive(Clone, Copy)]
pub struct FactsOf<'a> {
    known: &'a UserFacts<'a>,
    bucket: &'a Bucket,
}

/// Loads what the subjects' buckets need to know: one question for each (user, event), as deep as
/// the most demanding bucket asks.
pub fn load<'a>(
    session: &Session,
    registry: &Registry,
    subjects: &[&'a Subject],
    contacts: &'a HashMap<String, Contact>,
) -> Vec<UserFacts<'a>> {
    let mut questions: Vec<Question> = Vec::new();
    let mut asked: Vec<Vec<(EventNo, usize)>> = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let mut places: Vec<(EventNo, usize)> = Vec::new();
        for number in subject.buckets.iter() {
            let bucket = registry.bucket(*number);
            let needs = bucket
                .criteria
                .iter()
                .flat_map(|criteria| criteria.series());
            for (need, event) in needs.zip(&bucket.events) {
                let place = match places.iter().find(|(asked, _)| asked == event) {
                    Some((_, place)) => *place,
                    None => {
                        places.push((*event, questions.len()));
                        questions.push(Question {
                            user: &subject.user,
                            event: registry.events.name(*event),
                            ranks: Vec::new(),
                        });
                        questions.len() - 1
                    }
                };
                questions[place].ranks.extend(&need.ranks);
            }
        }
        asked.push(places);
    }
    let mut answers = facts::occurrences(session, &questions);
    subjects
        .iter()
        .zip(asked)
        .map(|(subject, mut places)| {
            places.sort_unstable();
            UserFacts {
                user: &subject.user,
                contact: contacts
                    .get(&subject.user)
                    .filter(|contact| !contact.deleted),
                events: places
                    .into_iter()
                    .map(|(event, place)| (event, Held::Own(std::mem::take(&mut answers[place]))))
                    .collect(),
            }
        })
        .collect()
}

/// Occurrences read at once for each user of a stretch, on average, before it is asked for them one
/// by one: some megabytes. Whoever joins needs them anyway, to know since when they have matched, and one by one
/// they are read several times.
const MANY: usize = 256;

/// Loads what one bucket needs to know of all contacts of a stretch: by ranges of the index, so
/// that nobody is looked up.
pub fn load_stretch<'a>(
    session: &Session,
    registry: &Registry,
    bucket: &Bucket,
    contacts: &'a [(String, Contact)],
) -> Vec<UserFacts<'a>> {
    let mut known: Vec<UserFacts> = contacts
        .iter()
        .map(|(user, contact)| UserFacts {
            user,
            contact: Some(contact).filter(|contact| !contact.deleted),
            events: Vec::new(),
        })
        .collect();
    let users: Vec<&str> = contacts.iter().map(|(user, _)| user.as_str()).collect();
    let mut numbers: Vec<EventNo> = bucket.events.clone();
    numbers.sort_unstable();
    for number in numbers {
        let name = registry.events.name(number);
        let all = facts::of_stretch(session, &users, name, MANY * users.len());
        let all = all.unwrap_or_else(|| {
            let needs = bucket.criteria.iter().flat_map(|c| c.series());
            let need = needs.zip(&bucket.events).find(|(_, n)| **n == number);
            let ranks = need.map_or_else(|| vec![1], |(need, _)| need.ranks.clone());
            let questions: Vec<Question> = users
                .iter()
                .map(|user| Question {
                    user,
                    event: name,
                    ranks: ranks.clone(),
                })
                .collect();
            Rc::new(facts::occurrences(session, &questions))
        });
        for (place, known) in known.iter_mut().enumerate() {
            known
                .events
                .push((number, Held::Shared(Rc::clone(&all), place)));
        }
    }
    known
}

impl UserFacts<'_> {
    pub fn of<'a>(&'a self, bucket: &'a Bucket) -> FactsOf<'a> {
        FactsOf {
            known: self,
            bucket,
        }
    }

    fn of_event(&self, number: EventNo) -> Option<&Occurrences> {
        let place = self.events.binary_search_by_key(&number, |(e, _)| *e);
        place.ok().map(|place| &*self.events[place].1)
    }
}

impl FactsOf<'_> {
    /// When the user last did anything that the bucket names, up to `now`. Since then the truth
    /// has changed by the clock alone, so this is as far back as the latest occurrences can tell.
    pub fn latest(&self, now: Instant) -> Option<Instant> {
        let latest = |event: &EventNo| Some(now.min(*self.known.of_event(*event)?.dense.first()?));
        self.bucket
            .events
            .iter()
            .filter_map(latest)
            .max()
            .filter(|at| at.is_finite())
    }

    /// The occurrences of each event of the bucket, as far as they were read.
    pub fn occurrences(&self) -> Vec<Occurrences> {
        let occurrences = |number: &EventNo| self.known.of_event(*number).cloned();
        let numbers = self.bucket.events.iter();
        numbers
            .map(|number| occurrences(number).unwrap_or_default())
            .collect()
    }
}

impl Facts for FactsOf<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let number = self.bucket.events.get(series.index());
        let occurrences = number.and_then(|number| self.known.of_event(*number));
        occurrences.map_or_else(Series::default, Occurrences::series)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        let number = *self.bucket.properties.get(property.index())?;
        self.known.contact?.property(number)
    }

    fn user(&self) -> &str {
        self.known.user
    }

    fn live_contact(&self) -> bool {
        self.known.contact.is_some()
    }
}
