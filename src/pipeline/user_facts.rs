//! The facts of users, loaded for a whole pass and handed to the evaluator bucket by bucket.

mod asking;

use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use hogsend_core::criteria::{
    Criteria, Facts, InnerNo, Membership, Order, PropertyNo, PropertyValue, Series, SeriesNo,
    SeriesOf, Total, Zones,
};
use hogsend_core::stay::Stay;
use hogsend_core::time::Instant;

use super::Subject;
use super::totals::ToKeep;
use crate::pg::context::Context;
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::registry::{Bucket, BucketNo, NamedNo, Registry, StreamNo};
use crate::store::contacts::{Contact, Sight};
use crate::store::facts::rows::ahead::{self, Coming};
use crate::store::facts::{self, Ask, Occurrences, Question};
use crate::store::stays;
use crate::store::totals::{self, Kept};
use asking::{Asked, OfUser, Totals, add_up, ask, known_directly, to_read};

/// What is known of one user.
pub struct UserFacts<'a> {
    user: &'a str,
    contact: Option<&'a Contact>,
    /// By the number of the series in the registry, ascending.
    streams: Vec<(StreamNo, Held)>,
    /// What some of the series come to, of which that is kept.
    totals: Vec<(StreamNo, Total)>,
    /// How they stand with buckets that others name.
    memberships: Vec<(NamedNo, Membership)>,
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

/// Loads what the subjects' buckets need to know as of `now`: one question for each (user, series), as
/// deep as the most demanding bucket asks.
pub fn load<'a>(
    session: &Session,
    registry: &Registry,
    subjects: &[&'a Subject],
    contacts: &'a HashMap<String, Contact>,
    to_keep: Option<&ToKeep>,
    now: Instant,
) -> Vec<UserFacts<'a>> {
    let subjects = subjects.iter();
    let asked: Vec<(&str, &[BucketNo])> = subjects
        .map(|subject| (subject.user.as_str(), &*subject.buckets))
        .collect();
    let mut known = load_of(session, registry, &asked, contacts, to_keep, now);
    if registry.is_nested() {
        let known: Vec<&mut UserFacts> = known.iter_mut().collect();
        let buckets = asked.iter().map(|(_, buckets)| *buckets);
        load_memberships(session, registry, known, buckets);
    }
    known
}

/// The same of users with some buckets each, but for how they stand with buckets.
pub fn load_of<'a>(
    session: &Session,
    registry: &Registry,
    asked: &[(&'a str, &[BucketNo])],
    contacts: &'a HashMap<String, Contact>,
    to_keep: Option<&ToKeep>,
    now: Instant,
) -> Vec<UserFacts<'a>> {
    let mut totals = to_keep.map(|_| Totals::load(session, registry, asked));
    let mut questions: Vec<Question> = Vec::new();
    let places: Vec<Asked> = asked
        .iter()
        .map(|(user, buckets)| {
            let known = totals.as_mut().map(|totals| totals.of_user(user));
            ask(registry, user, buckets, known, &mut questions)
        })
        .collect();
    let mut answers = facts::occurrences(session, &questions, now);
    if let Some(to_keep) = to_keep {
        add_up(registry, &questions, &answers, &mut to_keep.borrow_mut());
    }
    let known = asked.iter().zip(places).map(|((user, _), places)| {
        UserFacts::of_answers(user, contacts.get(*user), places, &mut answers)
    });
    known.collect()
}

/// Reads how users stand with what the buckets name that each is asked about, as far as it is not known.
pub fn load_memberships<'b>(
    session: &Session,
    registry: &Registry,
    mut known: Vec<&mut UserFacts>,
    buckets: impl Iterator<Item = &'b [BucketNo]>,
) {
    let mut asked: Vec<(usize, NamedNo)> = Vec::new();
    for (place, (of_user, buckets)) in known.iter().zip(buckets).enumerate() {
        let missing = of_user.unknown(registry, buckets).into_iter();
        asked.extend(missing.map(|named| (place, named)));
    }
    if asked.is_empty() {
        return;
    }
    let users: Vec<&str> = asked.iter().map(|(place, _)| known[*place].user).collect();
    let ids = asked.iter().map(|(_, named)| registry.named_id(*named));
    let ids: Vec<&str> = ids.collect();
    let directly = match (session.direct(), users.as_slice()) {
        (Some(context), [user, others @ ..]) if others.iter().all(|other| other == user) => {
            stays::latest_directly(context, user, &ids)
        }
        _ => None,
    };
    let latest = directly.unwrap_or_else(|| stays::latest(session, &users, &ids));
    for ((place, named), stay) in asked.into_iter().zip(latest) {
        known[place].learn(named, Stay::membership(stay.as_ref()));
    }
}

/// What was read for some buckets of one user.
pub struct Loaded {
    user: String,
    numbers: Vec<BucketNo>,
    streams: Vec<(StreamNo, Occurrences)>,
    totals: Vec<(StreamNo, Total)>,
    memberships: Vec<(NamedNo, Membership)>,
}

impl Loaded {
    /// What was read, if that is all that those buckets ask for.
    pub fn of_buckets<'a>(
        self,
        user: &'a str,
        contact: Option<&'a Contact>,
        numbers: &[BucketNo],
    ) -> Option<UserFacts<'a>> {
        let own = |(number, occurrences)| (number, Held::Own(occurrences));
        (self.user == user && self.numbers == numbers).then(|| UserFacts {
            user,
            contact: contact.filter(|contact| !contact.deleted),
            streams: self.streams.into_iter().map(own).collect(),
            totals: self.totals,
            memberships: self.memberships,
        })
    }
}

impl UserFacts<'_> {
    /// What was read, for whoever asks for the same buckets.
    pub fn into_loaded(self, numbers: Vec<BucketNo>) -> Loaded {
        let own = |(number, held)| match held {
            Held::Own(occurrences) => (number, occurrences),
            Held::Shared(all, place) => (number, all[place].clone()),
        };
        Loaded {
            user: self.user.to_owned(),
            numbers,
            streams: self.streams.into_iter().map(own).collect(),
            totals: self.totals,
            memberships: self.memberships,
        }
    }
}

/// The same for some buckets of one user, without SQL; `None` where that cannot be done. It may have been
/// read already what is kept of their series.
pub fn load_directly<'a>(
    context: &Context,
    registry: &Registry,
    user: &'a str,
    contact: &'a Contact,
    buckets: &[BucketNo],
    kept: Option<Vec<(String, Total)>>,
    now: Instant,
) -> Option<UserFacts<'a>> {
    let mut known = known_directly(context, registry, user, buckets, kept)?;
    let of_user = OfUser::certain(user, &mut known);
    let mut questions: Vec<Question> = Vec::new();
    let asked = ask(registry, user, buckets, Some(of_user), &mut questions);
    let mut answers = facts::occurrences_directly(context, &questions, now)?;
    // To keep it takes the rights of whoever defined all this.
    let mut adds_up = questions.iter().zip(&answers).filter(|(q, _)| q.adds_up);
    if adds_up.any(|(question, answer)| answer.total(question.of).is_some()) {
        return None;
    }
    let contact = Some(contact);
    let mut known = UserFacts::of_answers(user, contact, asked, &mut answers);
    if registry.is_nested() {
        let missing = known.unknown(registry, buckets);
        if !missing.is_empty() {
            let ids: Vec<&str> = missing.iter().map(|n| registry.named_id(*n)).collect();
            let latest = stays::latest_directly(context, user, &ids)?;
            for (named, stay) in missing.into_iter().zip(latest) {
                known.learn(named, Stay::membership(stay.as_ref()));
            }
        }
    }
    Some(known)
}

/// Occurrences read at once for each user of a stretch, on average, before it is asked for them one
/// by one: some megabytes. Whoever joins needs them anyway, to know since when they have matched, and one by one
/// they are read several times.
const MANY: usize = 256;
/// Fewer users may have done as much as that many.
const FEW: usize = 250;

/// What was read of a stretch for one bucket, and is the same for the next that looks at it.
#[derive(Default)]
pub struct Shared {
    of: HashMap<StreamNo, Rc<Vec<Occurrences>>>,
    /// What series come to is to be kept.
    adds_up: bool,
}

impl Shared {
    /// For so many users and series it is kept, all series taken together: some 30 MB of empty ones.
    const MOST: usize = 200_000;

    /// For a job, which writes.
    pub fn of_job(session: &Session) -> Shared {
        Shared {
            adds_up: totals::exists(session.context()),
            ..Shared::default()
        }
    }

    fn keep(&mut self, number: StreamNo, all: &Rc<Vec<Occurrences>>) {
        if (self.of.len() + 1) * all.len() <= Shared::MOST {
            self.of.insert(number, Rc::clone(all));
        }
    }
}

/// Loads what one bucket needs to know of all contacts of a stretch: by ranges of the index, so
/// that nobody is looked up. Where more is `coming`, it may all be read through at once, and be given of those
/// who are seen to be as they were.
pub fn load_stretch<'a>(
    session: &Session,
    registry: &Registry,
    bucket: &Bucket,
    contacts: &'a [(String, Contact)],
    coming: Option<(Coming, &Sight)>,
    shared: &mut Shared,
    now: Instant,
) -> Vec<UserFacts<'a>> {
    let mut known: Vec<UserFacts> = contacts
        .iter()
        .map(|(user, contact)| UserFacts {
            user,
            contact: Some(contact).filter(|contact| !contact.deleted),
            streams: Vec::new(),
            totals: Vec::new(),
            memberships: Vec::new(),
        })
        .collect();
    let users: Vec<&str> = contacts.iter().map(|(user, _)| user.as_str()).collect();
    for named in &bucket.named {
        let ids = vec![registry.named_id(*named); users.len()];
        let latest = stays::latest(session, &users, &ids);
        for (known, stay) in known.iter_mut().zip(latest) {
            known.learn(*named, Stay::membership(stay.as_ref()));
        }
    }
    let needs = bucket.criteria.iter().flat_map(to_read);
    let mut needs: Vec<_> = bucket.streams.iter().zip(needs).collect();
    needs.sort_unstable_by_key(|(number, _)| **number);
    let is_of_rows = |number: &StreamNo| !registry.streams.of(*number).is_plain();
    let of_rows = needs.iter().map(|(number, _)| *number);
    let of_rows = of_rows.filter(|number| is_of_rows(number));
    let of_rows: Vec<&SeriesOf> = of_rows.map(|number| registry.streams.of(*number)).collect();
    let ahead = coming.and_then(|(coming, sight)| {
        let ahead = ahead::of_job(session, coming, &of_rows)?;
        Some((ahead, sight))
    });
    let (mut fetched, keeps) = (0, shared.adds_up);
    for (number, need) in needs {
        let of = registry.streams.of(*number);
        let look_up = |users: &[&str]| {
            let questions: Vec<Question> = users
                .iter()
                .map(|user| Question {
                    user,
                    of,
                    ask: Ask::of(need),
                    adds_up: keeps && need.keeps_total,
                })
                .collect();
            facts::occurrences(session, &questions, now)
        };
        let all = match &ahead {
            Some((ahead, sight)) if is_of_rows(number) => {
                let (as_then, changed): (Vec<usize>, Vec<usize>) =
                    (0..users.len()).partition(|place| sight.is_as_it_was(*place, ahead.then()));
                let mut all = vec![Occurrences::default(); users.len()];
                for place in as_then {
                    all[place] = ahead.occurrences(users[place], of);
                }
                let of_changed: Vec<&str> = changed.iter().map(|place| users[*place]).collect();
                for (place, found) in changed.into_iter().zip(look_up(&of_changed)) {
                    all[place] = found;
                }
                Rc::new(all)
            }
            _ => match shared.of.get(number) {
                Some(all) => Rc::clone(all),
                None => {
                    let limit = MANY * users.len().max(FEW);
                    let all = facts::of_stretch(session, &users, of, limit, &mut fetched);
                    if let Some(all) = &all {
                        shared.keep(*number, all);
                    }
                    all.unwrap_or_else(|| Rc::new(look_up(&users)))
                }
            },
        };
        for (place, known) in known.iter_mut().enumerate() {
            known
                .streams
                .push((*number, Held::Shared(Rc::clone(&all), place)));
        }
    }
    if coming.is_some() && ahead.is_none() {
        ahead::note(users.len(), fetched);
    }
    known
}

impl UserFacts<'_> {
    /// What those series of a bucket come to of which that is to be kept, as far as all of them were read and it took
    /// long.
    pub fn added_up(&self, registry: &Registry, bucket: &Bucket) -> Vec<Kept> {
        let needs = bucket.criteria.iter().flat_map(to_read);
        let kept = needs.zip(&bucket.streams).filter(|(n, _)| n.keeps_total);
        let kept = kept.filter_map(|(need, stream)| {
            Some(Kept {
                user: self.user.to_owned(),
                series: registry.streams.kept_as(*stream)?.to_owned(),
                total: self.of_stream(*stream)?.total(&need.of)?,
            })
        });
        kept.collect()
    }
}

impl<'u> UserFacts<'u> {
    fn of_answers(
        user: &'u str,
        contact: Option<&'u Contact>,
        asked: Asked,
        answers: &mut [Occurrences],
    ) -> UserFacts<'u> {
        let streams = asked.places.into_iter();
        let mut take = |place: usize| Held::Own(std::mem::take(&mut answers[place]));
        UserFacts {
            user,
            contact: contact.filter(|contact| !contact.deleted),
            streams: streams
                .map(|(stream, place)| (stream, take(place)))
                .collect(),
            totals: asked.totals,
            memberships: Vec::new(),
        }
    }
}

impl UserFacts<'_> {
    pub fn of<'a>(&'a self, bucket: &'a Bucket) -> FactsOf<'a> {
        FactsOf {
            known: self,
            bucket,
        }
    }

    /// Notes how the user stands with a bucket now, whatever was known before.
    pub fn learn(&mut self, named: NamedNo, membership: Membership) {
        match self.memberships.iter_mut().find(|(n, _)| *n == named) {
            Some((_, known)) => *known = membership,
            None => self.memberships.push((named, membership)),
        }
    }

    /// Notes what is known of the same user.
    pub fn learn_from(&mut self, same: &UserFacts) {
        let known = same.memberships.iter().copied();
        known.for_each(|(named, membership)| self.learn(named, membership));
    }

    /// What some buckets name with which it is not known how the user stands.
    fn unknown(&self, registry: &Registry, buckets: &[BucketNo]) -> Vec<NamedNo> {
        let mut unknown: Vec<NamedNo> = Vec::new();
        for number in buckets {
            for named in &registry.bucket(*number).named {
                if self.standing(*named).is_none() && !unknown.contains(named) {
                    unknown.push(*named);
                }
            }
        }
        unknown
    }

    fn standing(&self, named: NamedNo) -> Option<Membership> {
        let mut known = self.memberships.iter();
        let (_, membership) = known.find(|(number, _)| *number == named)?;
        Some(*membership)
    }

    fn of_stream(&self, number: StreamNo) -> Option<&Occurrences> {
        let place = self.streams.binary_search_by_key(&number, |(s, _)| *s);
        place.ok().map(|place| &*self.streams[place].1)
    }

    fn total_of_stream(&self, number: StreamNo) -> Option<&Total> {
        let mut totals = self.totals.iter();
        totals.find(|(s, _)| *s == number).map(|(_, total)| total)
    }
}

/// When a user last did anything that a bucket counts, up to now. Since then the truth has changed by the clock
/// alone, so this is as far back as the latest occurrences can tell.
#[derive(Clone, Copy)]
pub struct LastDone {
    /// `None` if they never did.
    pub at: Option<Instant>,
    /// What was read does not tell: they did nothing since `at`, and something before that may be there.
    pub is_bound: bool,
}

impl LastDone {
    pub fn of(bucket: &Bucket, criteria: &Criteria, facts: &impl Facts, now: Instant) -> LastDone {
        let mut last = LastDone {
            at: None,
            is_bound: false,
        };
        for (number, effect) in criteria.series_numbers().zip(&bucket.effects) {
            if effect.order == Order::Same {
                continue;
            }
            let series = facts.series(number);
            let (at, is_bound) = match (facts.total(number), series.latest.first()) {
                (Some(total), _) => match total.span {
                    Some((_, last)) => (now.min(last), false),
                    None => continue,
                },
                (None, Some(at)) => (now.min(*at), false),
                (None, None) => (now.min(series.from), true),
            };
            if at.is_finite() && last.at.is_none_or(|known| known < at) {
                last = LastDone {
                    at: Some(at),
                    is_bound,
                };
            }
        }
        // Nor has it since they moved in a bucket that it names.
        for bucket in criteria.bucket_numbers() {
            let moved = facts.membership(bucket).since().map(|since| since.min(now));
            if let Some(at) = moved.filter(|at| last.at.is_none_or(|known| known < *at)) {
                last = LastDone {
                    at: Some(at),
                    is_bound: false,
                };
            }
        }
        last
    }
}

impl FactsOf<'_> {
    /// The occurrences of each series of the bucket, as far as they were read.
    pub fn occurrences(&self) -> Vec<Occurrences> {
        let occurrences = |number: &StreamNo| match self.known.of_stream(*number) {
            Some(occurrences) => occurrences.clone(),
            None if self.known.total_of_stream(*number).is_some() => Occurrences::unread(),
            None => Occurrences::default(),
        };
        self.bucket.streams.iter().map(occurrences).collect()
    }
}

impl Facts for FactsOf<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let Some(number) = self.bucket.streams.get(series.index()) else {
            return Series::default();
        };
        match self.known.of_stream(*number) {
            Some(occurrences) => occurrences.series(),
            // Nothing of it was read.
            None if self.known.total_of_stream(*number).is_some() => Series {
                from: Instant::INFINITY,
                ..Series::default()
            },
            None => Series::default(),
        }
    }

    fn total(&self, series: SeriesNo) -> Option<&Total> {
        let number = self.bucket.streams.get(series.index())?;
        self.known.total_of_stream(*number)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        let number = *self.bucket.properties.get(property.index())?;
        self.known.contact?.property(number)
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        let named = self.bucket.named.get(bucket.index());
        let standing = named.and_then(|named| self.known.standing(*named));
        standing.unwrap_or_default()
    }

    fn user(&self) -> &str {
        self.known.user
    }

    fn live_contact(&self) -> bool {
        self.known.contact.is_some()
    }

    fn zones(&self) -> &dyn Zones {
        &ServerZones
    }
}
