//! One stretch of contacts on a job's way.

use hogsend_core::criteria::Path;
use hogsend_core::time::Instant;

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::direct::Claim;
use crate::pipeline::{Batch, Judged, Pipeline, Run, Shared, Subject, Tally, Visit};
use crate::registry::{BucketNo, KeyNo};
use crate::store::contacts::{self, Contact, Sight};
use crate::store::facts::rows::ahead::Coming;

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
        let wanted = self.look(&contacts, &sight, run, now);
        let users: Vec<(usize, &str)> = wanted.iter().map(|w| (w.place, w.judged.user)).collect();
        let claims = sight.claim(session, &users);

        let stuck = claims.iter().position(|claim| *claim == Claim::Busy);
        let processed = stuck.map_or(contacts.len(), |busy| users[busy].0);
        let mut batch = Batch::of_job(self.visit, journeys, run.source, now);
        let mut again: Vec<Subject> = Vec::new();
        let reached = stuck.unwrap_or(wanted.len());
        for (wanted, claim) in wanted.into_iter().take(reached).zip(claims) {
            if claim == Claim::Unchanged {
                batch.record(wanted.judged, run.cause);
            } else {
                let mut subject = Subject::new(wanted.judged.user);
                subject.buckets.extend(self.numbers.iter().copied());
                again.push(subject);
            }
        }
        let mut tally = batch.write(session, outbox);
        if !again.is_empty() {
            // Locks are taken in byte order, like everywhere; these are held already.
            again.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            tally.add(self.pipeline.run(&mut again, self.run, outbox));
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
        let mut wanted = self.look(&contacts, &sight, self.run, now);
        sight.release();
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
            batch.record(wanted.judged, self.run.cause);
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
    ) -> Vec<Wanted<'k>> {
        let pipeline = &self.pipeline;
        let mut shared = Shared::default();
        let mut wanted: Vec<Wanted> = Vec::new();
        for number in self.numbers {
            pgrx::check_for_interrupts!();
            let coming = self.coming.map(|coming| (coming, sight));
            let stretch = pipeline.view(contacts, *number, self.visit, coming, &mut shared, now);
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
