//! One stretch of contacts on a job's way.

use std::collections::BTreeSet;

use hogsend_core::criteria::Path;
use hogsend_core::time::Instant;

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::direct::Claim;
use crate::pg::sql::Session;
use crate::pipeline::{Batch, InnerMove, Judged, Pipeline, Run, Shared, Subject, Tally, Visit};
use crate::registry::{BucketNo, KeyNo};
use crate::store::contacts::{self, Contact, Sight};
use crate::store::facts::rows::ahead::Coming;
use crate::store::totals::{self, Kept};

/// How jobs go over contacts.
pub struct Walk<'a> {
    pub pipeline: Pipeline<'a>,
    /// The buckets, by their places in the registry, in ascending order.
    pub numbers: &'a [BucketNo],
    pub visit: Visit,
    pub run: Run,
    /// What the only job is going to ask for, if whoever asks for this stretch will ask for the rest.
    pub coming: Option<Coming>,
}

/// What was done of a stretch.
#[derive(Default)]
pub struct Part {
    pub tally: Tally,
    /// How many contacts were looked at, and the last of them.
    pub processed: i64,
    pub last: Option<String>,
    /// It ends before somebody who is locked.
    pub stuck: bool,
    /// Of buckets that are new: how many pairs there was something to write about, and how many stays have
    /// begun in each of them.
    pub wanted: usize,
    pub entered: Vec<i64>,
}

/// A pair that there is something to write about, with the place of the user among the contacts.
struct Wanted<'k> {
    place: usize,
    judged: Judged<'k>,
}

/// Keeps what was added up on the way, but of those who wait in the queue: what they did may come later.
fn keep(session: &Session, added_up: Vec<(usize, Kept)>) {
    if added_up.is_empty() {
        return;
    }
    let users: Vec<&str> = added_up.iter().map(|(_, k)| k.user.as_str()).collect();
    let in_doubt = totals::in_doubt(session, &users);
    let is_in_doubt: Vec<bool> = users.iter().map(|u| in_doubt.contains(u)).collect();
    let certain = added_up.into_iter().zip(is_in_doubt);
    let certain = certain.filter(|(_, is_in_doubt)| !is_in_doubt);
    let kept: Vec<Kept> = certain.map(|((_, kept), _)| kept).collect();
    totals::put(session, kept);
}

impl Walk<'_> {
    fn keys(&self) -> Vec<(KeyNo, &Path)> {
        let registry = self.pipeline.registry;
        let numbers = self.numbers.iter();
        let mut keys: Vec<KeyNo> = numbers
            .flat_map(|number| &registry.bucket(*number).properties)
            .copied()
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let path = |key: KeyNo| (key, registry.properties.path(key));
        keys.into_iter().map(path).collect()
    }

    /// Looks at everybody, locks those for whom there is something to write, and writes it. Those to
    /// whom something may have happened before they were locked are looked at again. Who is passed
    /// over may be in somebody's hands; but whoever writes for a user knows the bucket, since it was
    /// defined before, and evaluates what they write.
    pub fn step(&self, after: Option<&str>, limit: i64, outbox: &mut Outbox) -> Part {
        let session = self.pipeline.session;
        let (contacts, sight) = contacts::next_stretch(session, after, limit, &self.keys());
        let run = if sight.is_lasting() {
            self.run
        } else {
            // Since when those have matched who would join is asked once they are locked.
            self.run.undated()
        };
        let now = clock::now();
        let journeys = &self.pipeline.registry.journeys;
        let mut added_up: Vec<(usize, Kept)> = Vec::new();
        let wanted = self.look(&contacts, &sight, run, now, &mut added_up);
        let mut places: Vec<usize> = wanted.iter().map(|wanted| wanted.place).collect();
        places.extend(added_up.iter().map(|(place, _)| *place));
        places.sort_unstable();
        places.dedup();
        let user = |place: &usize| (*place, contacts[*place].0.as_str());
        let users: Vec<(usize, &str)> = places.iter().map(user).collect();
        let claims = sight.claim(session, &users);
        let claim = |place: usize| {
            let found = places.binary_search(&place);
            found.map_or(Claim::Busy, |place| claims[place])
        };

        let is_stuck = |wanted: &&Wanted| claim(wanted.place) == Claim::Busy;
        let stuck = wanted.iter().find(is_stuck).map(|wanted| wanted.place);
        let processed = stuck.unwrap_or(contacts.len());
        let mut batch = Batch::of_job(self.visit, journeys, run.source, now);
        let mut again: BTreeSet<usize> = BTreeSet::new();
        let mut moved: Vec<Subject> = Vec::new();
        // Who is locked by somebody else is left to them, or to whoever comes next: nothing need be kept.
        added_up.retain(|(place, _)| {
            let (is_reached, claim) = (*place < processed, claim(*place));
            if is_reached && claim == Claim::Changed {
                again.insert(*place);
            }
            is_reached && claim == Claim::Unchanged
        });
        keep(session, added_up);
        for wanted in wanted.into_iter().filter(|w| w.place < processed) {
            if claim(wanted.place) == Claim::Unchanged {
                if let Some(inner) = InnerMove::of(&wanted.judged, now) {
                    let mut subject = Subject::new(wanted.judged.user);
                    subject.moved.push(inner);
                    moved.push(subject);
                }
                batch.record(wanted.judged);
            } else {
                again.insert(wanted.place);
            }
        }
        let again = again.into_iter().map(|place| {
            let mut subject = Subject::new(&contacts[place].0);
            subject.buckets.extend(self.numbers.iter().copied());
            subject
        });
        let mut again: Vec<Subject> = again.collect();
        let mut tally = batch.write(session, outbox);
        if !again.is_empty() {
            // Locks are taken in byte order, like everywhere; these are held already.
            again.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            tally.add(self.pipeline.run(&mut again, self.run, outbox));
        }
        if !moved.is_empty() {
            // Buckets that name this one follow. Their users are held already.
            moved.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            tally.add(self.pipeline.run(&mut moved, self.run, outbox));
        }
        Part {
            tally,
            processed: processed as i64,
            last: contacts[..processed].last().map(|(user, _)| user.clone()),
            stuck: stuck.is_some(),
            ..Part::default()
        }
    }

    /// The same for buckets that are new: what is written for a user lies together, and nobody is locked,
    /// because nobody else can be at work while a definition is.
    pub fn step_of_new(&self, after: Option<&str>, limit: i64, outbox: &mut Outbox) -> Part {
        let session = self.pipeline.session;
        let (contacts, sight) = contacts::next_stretch(session, after, limit, &self.keys());
        let now = clock::now();
        let mut added_up: Vec<(usize, Kept)> = Vec::new();
        let mut wanted = self.look(&contacts, &sight, self.run, now, &mut added_up);
        sight.release();
        keep(session, added_up);
        wanted.sort_by_key(|wanted| wanted.place);
        let mut part = Part {
            processed: contacts.len() as i64,
            last: contacts.last().map(|(user, _)| user.clone()),
            wanted: wanted.len(),
            entered: vec![0; self.numbers.len()],
            ..Part::default()
        };
        let journeys = &self.pipeline.registry.journeys;
        let mut batch = Batch::of_job(self.visit, journeys, self.run.source, now);
        for wanted in wanted {
            batch.record(wanted.judged);
        }
        part.tally = batch.write_each(session, outbox, |moved| {
            part.entered[self.place(moved.bucket)] += i64::from(moved.begins());
        });
        part
    }

    /// The pairs that there is something to write about: one bucket after the other, and those of each in
    /// the order of the contacts.
    fn look<'k>(
        &'k self,
        contacts: &'k [(String, Contact)],
        sight: &Sight,
        run: Run,
        now: Instant,
        added_up: &mut Vec<(usize, Kept)>,
    ) -> Vec<Wanted<'k>> {
        let pipeline = &self.pipeline;
        let mut shared = Shared::of_job(pipeline.session);
        let mut wanted: Vec<Wanted> = Vec::new();
        for number in self.numbers {
            pgrx::check_for_interrupts!();
            let coming = self.coming.map(|coming| (coming, sight));
            let stretch = pipeline.view(contacts, *number, self.visit, coming, &mut shared, now);
            added_up.extend(stretch.added_up(pipeline.registry));
            let subjects = stretch.subjects();
            let judged = pipeline.judge_stretch(&stretch, &subjects, self.visit, run, now);
            let bucket = pipeline.registry.bucket(*number);
            let judged = stretch.places().zip(judged);
            let judged = judged.filter(|(_, judged)| judged.writes());
            wanted.extend(judged.map(|(place, judged)| Wanted {
                place,
                judged: judged.of(&contacts[place].0, bucket),
            }));
        }
        wanted
    }

    /// The place of a bucket among those of the walk.
    fn place(&self, bucket: &str) -> usize {
        match self.numbers {
            [_] => 0,
            numbers => {
                let number = self.pipeline.registry.by_id(bucket);
                let place = number.and_then(|number| numbers.binary_search(&number).ok());
                place.unwrap_or(0)
            }
        }
    }
}
