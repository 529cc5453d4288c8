//! One stretch of contacts on a job's way.

use hogsend_core::criteria::Path;

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::direct::Claim;
use crate::pipeline::{Batch, Judged, Pipeline, Run, Subject, Tally};
use crate::registry::{BucketNo, KeyNo};
use crate::store::contacts;
use crate::store::facts::rows::ahead::Coming;

/// How a job goes over contacts.
pub struct Walk<'a> {
    pub pipeline: Pipeline<'a>,
    /// The bucket, by its place in the registry.
    pub number: BucketNo,
    /// Nobody has been looked at for this bucket before.
    pub first: bool,
    pub run: Run,
    /// What it is going to ask for, if whoever asks for this stretch will ask for the rest.
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
}

impl Walk<'_> {
    fn keys(&self) -> Vec<(KeyNo, &Path)> {
        let registry = self.pipeline.registry;
        let properties = registry.bucket(self.number).properties.iter();
        properties
            .map(|property| (*property, registry.properties.path(*property)))
            .collect()
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
        let coming = self.coming.map(|coming| (coming, &sight));
        let stretch = self.pipeline.view(&contacts, self.number, coming, now);
        let subjects = stretch.subjects();
        let judged = self
            .pipeline
            .judge_stretch(&stretch, &subjects, self.first, run, now);
        let mut wanted: Vec<(usize, Judged)> = stretch.places().zip(judged).collect();
        wanted.retain(|(_, judged)| judged.writes());
        let users: Vec<(usize, &str)> = wanted.iter().map(|(n, j)| (*n, j.user)).collect();
        let claims = sight.claim(session, &users);

        let stuck = claims.iter().position(|claim| *claim == Claim::Busy);
        let processed = stuck.map_or(contacts.len(), |busy| users[busy].0);
        let mut batch = Batch::of_first(self.first, journeys, run.source, now);
        let mut again: Vec<Subject> = Vec::new();
        wanted.truncate(stuck.unwrap_or(wanted.len()));
        for ((_, judged), claim) in wanted.into_iter().zip(claims) {
            if claim == Claim::Unchanged {
                batch.record(judged, run.cause);
            } else {
                let mut subject = Subject::new(judged.user);
                subject.buckets.insert(self.number);
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
        }
    }
}
