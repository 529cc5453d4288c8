//! From users to decisions: read what is known and stored of each (user, bucket) pair, and let the
//! pure functions say what is true and what is to be done about it. Nothing is written here, so
//! readers that ask what *would* be done take the same way.

use std::collections::HashMap;

use hogsend_core::criteria::{Criteria, Facts, Scope, Unread, Verdict};
use hogsend_core::outlook::lapsed;
use hogsend_core::stay::{self, Cause, Decision, Joining, Look, Standing};
use hogsend_core::time::Instant;

use super::cascade::InnerMove;
use super::pair::{Dated, Pair};
use super::user_facts::{FactsOf, LastDone, UserFacts};
use super::{Pipeline, Run, Subject, before, load_facts, since};
use crate::pg::settings;
use crate::registry::{Bucket, BucketNo, OpenJob};
use crate::store::contacts::Contact;
use crate::store::jobs;
use crate::store::stays::{self, Stored};

/// What became of a pair, or would.
pub struct Judged<'a> {
    pub user: &'a str,
    pub bucket: &'a Bucket,
    pub stored: Stored,
    /// The stay as it is stored lies in the future, and here it does not.
    pub redated: bool,
    pub joining: Joining,
    /// Why it was looked at.
    pub cause: Cause,
    /// Nothing is said of it, whatever becomes of it.
    pub muted: bool,
    /// It took a move in a bucket that this one names.
    pub followed: bool,
    pub decision: Decision,
}

impl Judged<'_> {
    /// The same with a user and a bucket that are held by somebody else.
    pub fn of<'b>(self, user: &'b str, bucket: &'b Bucket) -> Judged<'b> {
        let Judged {
            stored,
            redated,
            joining,
            cause,
            muted,
            followed,
            decision,
            ..
        } = self;
        Judged {
            user,
            bucket,
            stored,
            redated,
            joining,
            cause,
            muted,
            followed,
            decision,
        }
    }

    /// Whether there is anything to write.
    pub fn writes(&self) -> bool {
        let wanted = self.decision.timer;
        let is_late = |at| self.stored.timer.is_none_or(|due| at < due);
        self.redated || self.decision.change.is_some() || wanted.is_some_and(is_late)
    }
}

impl Pipeline<'_> {
    /// Decides about every pair of `subjects`, who have live contacts among `contacts`. What is
    /// stored of the pairs of each is given where it has been read already.
    pub fn judge<'a>(
        &'a self,
        subjects: &[&'a Subject],
        contacts: &HashMap<String, Contact>,
        stored: Vec<Option<Vec<Stored>>>,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>> {
        let is_empty = |s: &&Subject| s.buckets.is_empty() && s.moved.is_empty();
        if subjects.iter().all(is_empty) {
            return Vec::new();
        }
        let known = match self.facts_read(subjects, contacts) {
            Some(known) => vec![known],
            None => {
                let (session, registry) = (self.session, self.registry);
                load_facts(
                    session,
                    registry,
                    subjects,
                    contacts,
                    Some(&self.to_keep),
                    now,
                )
            }
        };
        if self.registry.is_nested() && subjects.iter().any(|s| self.has_levels(s)) {
            return self.judge_levels(subjects, contacts, known, stored, run, now);
        }
        let mut pairs: Vec<Pair> = Vec::new();
        for (subject, known) in subjects.iter().zip(&known) {
            for number in subject.buckets.iter() {
                let (facts, verdict) = self.evaluate(*number, known, now);
                let bucket = self.registry.bucket(*number);
                pairs.push(self.pair(subject, bucket, facts, verdict, run));
            }
        }
        self.read_stored(subjects, &mut pairs, stored);
        self.set_joining(&mut pairs, contacts, run, now);
        self.decide(pairs, run, now)
    }

    pub(super) fn pair<'a, 'k>(
        &'a self,
        subject: &'a Subject,
        bucket: &'a Bucket,
        facts: FactsOf<'k>,
        verdict: Option<Verdict>,
        run: Run,
    ) -> Pair<'a, 'k> {
        Pair::new(subject, bucket, facts, verdict, run)
    }

    /// What is known of a user as far as a bucket asks, and whether they belong to it.
    pub(super) fn evaluate<'k>(
        &'k self,
        number: BucketNo,
        known: &'k UserFacts<'k>,
        now: Instant,
    ) -> (FactsOf<'k>, Option<Verdict>) {
        evaluate(self.registry.bucket(number), known, now)
    }

    pub(super) fn decide<'a>(
        &self,
        mut pairs: Vec<Pair<'a, '_>>,
        run: Run,
        now: Instant,
    ) -> Vec<Judged<'a>> {
        let mut joiners: Vec<&mut Pair> = pairs
            .iter_mut()
            .filter(|pair| pair.joining == Joining::Silent && pair.would_join())
            .collect();
        since::find(self.session, &mut joiners, now);
        self.date(&mut pairs, run, now);
        let decided = pairs.into_iter().map(|pair| decided(pair, run, now));
        decided.collect()
    }

    /// Looks back how long it has been so; reads more for those of whom that is to be said and who need it.
    fn date(&self, pairs: &mut [Pair], run: Run, now: Instant) {
        let mut open: Vec<&mut Pair> = Vec::new();
        for pair in pairs {
            let Some(criteria) = &pair.bucket.criteria else {
                continue;
            };
            match dated(pair, criteria, &pair.facts, cause(pair, run), now) {
                Ok(dated) => pair.dated = Some(dated),
                Err(_) if pair.may_move(now) => open.push(pair),
                Err(_) => {}
            }
        }
        since::read_on(self.session, open, now, |pair, facts| {
            let Some(criteria) = &pair.bucket.criteria else {
                return Ok(());
            };
            pair.dated = Some(dated(pair, criteria, facts, cause(pair, run), now)?);
            Ok(())
        });
    }

    /// Reads the stay and the timer of each pair, unless they are known. A stay that has ended matters only to those who
    /// are about to join, and is looked up for them alone where it would cost a probe of its own.
    fn read_stored(
        &self,
        subjects: &[&Subject],
        pairs: &mut [Pair],
        mut known: Vec<Option<Vec<Stored>>>,
    ) {
        let is_open = |known: &[Option<Vec<Stored>>]| known.iter().any(Option::is_none);
        if is_open(&known)
            && let Some(context) = self.session.direct()
        {
            let open = subjects.iter().zip(&known);
            let open = open.filter(|(_, known)| known.is_none());
            let open = open.map(|(subject, _)| {
                let buckets = subject.buckets.iter();
                let ids = buckets.map(|number| self.registry.bucket(*number).id.as_str());
                (subject.user.as_str(), ids.collect())
            });
            let mut read = stays::of_users_directly(context, open)
                .unwrap_or_default()
                .into_iter();
            for known in known.iter_mut().filter(|known| known.is_none()) {
                *known = read.next().flatten().map(|of_user| of_user.stored);
            }
        }
        if let ([subject], true) = (subjects, is_open(&known)) {
            let buckets: Vec<&str> = pairs.iter().map(|pair| pair.bucket.id.as_str()).collect();
            set_stored(pairs, stays::of_user(self.session, &subject.user, &buckets));
            let mut joiners: Vec<&mut Pair> = pairs.iter_mut().filter(|p| p.would_join()).collect();
            return self.read_stays(&mut joiners);
        }
        let mut pairs = pairs.iter_mut();
        let mut open: Vec<&mut Pair> = Vec::new();
        for (subject, known) in subjects.iter().zip(known) {
            let of_user = pairs.by_ref().take(subject.buckets.len());
            match known {
                Some(known) => of_user
                    .zip(known)
                    .for_each(|(pair, stored)| pair.stored = stored),
                None => open.extend(of_user),
            }
        }
        if !open.is_empty() {
            let users: Vec<&str> = open.iter().map(|p| p.subject.user.as_str()).collect();
            let buckets: Vec<&str> = open.iter().map(|p| p.bucket.id.as_str()).collect();
            let stored = stays::of_pairs(self.session, &users, &buckets);
            for (pair, stored) in open.into_iter().zip(stored) {
                pair.stored = stored;
            }
        }
    }

    /// The same of pairs that may be of any users.
    pub(super) fn read_stored_of(&self, mut pairs: Vec<&mut Pair>) {
        let Some((first, others)) = pairs.split_first() else {
            return;
        };
        let users: Vec<&str> = pairs.iter().map(|p| p.subject.user.as_str()).collect();
        let buckets: Vec<&str> = pairs.iter().map(|p| p.bucket.id.as_str()).collect();
        let user = first.subject.user.as_str();
        let directly = |context| stays::of_user_directly(context, user, &buckets);
        let found = match others.iter().all(|pair| pair.subject.user == user) {
            true => self.session.direct().and_then(directly),
            false => None,
        };
        let stored = match found {
            Some(found) => found.stored,
            None => stays::of_pairs(self.session, &users, &buckets),
        };
        for (pair, stored) in pairs.iter_mut().zip(stored) {
            pair.stored = stored;
        }
    }

    /// Reads the latest stay of each pair.
    pub(super) fn read_stays(&self, pairs: &mut [&mut Pair]) {
        let users: Vec<&str> = pairs.iter().map(|p| p.subject.user.as_str()).collect();
        let buckets: Vec<&str> = pairs.iter().map(|p| p.bucket.id.as_str()).collect();
        let latest = stays::latest(self.session, &users, &buckets);
        for (pair, stay) in pairs.iter_mut().zip(latest) {
            pair.stored.stay = stay;
        }
    }

    /// What may be done about those who are about to join. While a bucket's job is under way it
    /// depends on whether the job has been with the user: it would let those join silently who
    /// matched before anybody looked, and let those leave silently who did not, if it is muted.
    pub(super) fn set_joining(
        &self,
        pairs: &mut [Pair],
        contacts: &HashMap<String, Contact>,
        run: Run,
        now: Instant,
    ) {
        if run.joining != Joining::Announced {
            return;
        }
        let mut doubtful: Vec<&mut Pair> = Vec::new();
        // Whom somebody joined without a word who was there all along.
        let mut brought: Vec<&mut Pair> = Vec::new();
        for pair in pairs {
            let is_brought = pair.moved.iter().any(|moved| moved.silent);
            match pair.bucket.job {
                // As a contact who is deleted no more does.
                _ if (pair.bucket.by_query || matches!(run.cause, Cause::Merge { .. }))
                    && pair.comes_back() =>
                {
                    pair.joining = Joining::Silent;
                }
                _ if pair.subject.silent => pair.joining = Joining::Silent,
                Some(OpenJob::Backfill) if run.cause == Cause::Clock => {
                    pair.joining = Joining::Held;
                }
                Some(_)
                    if pair.bucket.criteria.is_some()
                        && (pair.would_join()
                            || pair.bucket.job_is_muted && pair.would_leave()) =>
                {
                    if is_brought && pair.would_join() {
                        brought.push(pair);
                    } else {
                        doubtful.push(pair);
                    }
                }
                _ if is_brought && pair.would_join() => brought.push(pair),
                _ => {}
            }
        }
        if doubtful.is_empty() && brought.is_empty() {
            return;
        }
        let users: Vec<&str> = doubtful.iter().map(|p| p.subject.user.as_str()).collect();
        let buckets: Vec<&str> = doubtful.iter().map(|p| p.bucket.id.as_str()).collect();
        let unreached = jobs::unreached(self.session, &users, &buckets);
        let mut doubtful: Vec<&mut Pair> = doubtful
            .into_iter()
            .zip(unreached)
            .filter_map(|(pair, unreached)| unreached.then_some(pair))
            .chain(brought)
            .collect();
        // The clock changed no fact, and of queued users nobody knows what did: to both the job
        // would have come first.
        let matched = before::matched(self.session, &doubtful, contacts, now);
        for (pair, matched) in doubtful.iter_mut().zip(matched) {
            if pair.would_join() {
                if matched {
                    pair.joining = Joining::Silent;
                }
            } else {
                pair.muted |= !matched;
            }
        }
    }
}

/// What is known of a user as far as a bucket asks, and whether they belong to it.
pub(super) fn evaluate<'k>(
    bucket: &'k Bucket,
    known: &'k UserFacts<'k>,
    now: Instant,
) -> (FactsOf<'k>, Option<Verdict>) {
    let facts = known.of(bucket);
    let criteria = bucket.criteria.as_ref();
    let verdict = criteria.map(|criteria| criteria.evaluate(&facts, now));
    (facts, verdict)
}

/// Whether there is nothing to be done about a pair, as far as what has been read of it tells.
pub(super) fn is_at_rest(mut pair: Pair, run: Run, now: Instant) -> bool {
    let Some(criteria) = &pair.bucket.criteria else {
        return false;
    };
    if pair.may_move(now) {
        return false;
    }
    pair.dated = dated(&pair, criteria, &pair.facts, cause(&pair, run), now).ok();
    !decided(pair, run, now).writes()
}

/// What is to be done about a pair of which all is known.
fn decided<'a>(mut pair: Pair<'a, '_>, run: Run, now: Instant) -> Judged<'a> {
    let stay = pair.stored.stay.as_mut();
    let redated = run.cause == Cause::Correction && stay.is_some_and(|stay| stay.redate(now));
    let (cause, muted) = (cause(&pair, run), pair.muted || pair.subject.muted);
    let look = Look {
        now,
        cause,
        joining: pair.joining,
        muted: muted || !settings::announce(),
        stay: pair.stored.stay.as_ref(),
        standing: standing(&pair, now),
    };
    let decision = stay::decide(&pair.bucket.policy, &look);
    Judged {
        user: &pair.subject.user,
        bucket: pair.bucket,
        stored: pair.stored,
        redated,
        joining: pair.joining,
        cause,
        muted,
        followed: pair.followed,
        decision,
    }
}

pub(super) fn set_stored(pairs: &mut [Pair], stored: Vec<Stored>) {
    for (pair, stored) in pairs.iter_mut().zip(stored) {
        pair.stored = stored;
    }
}

/// What made us look at the pair. A move in a bucket that it names is data to it.
fn cause(pair: &Pair, run: Run) -> Cause {
    match (run.cause, &pair.subject.carried) {
        (Cause::Clock | Cause::Review, _) if !pair.moved.is_empty() => Cause::Data,
        (Cause::Merge { .. }, Some(buckets)) => Cause::Merge {
            carried: buckets.contains(&pair.bucket.id),
        },
        (cause, _) => cause,
    }
}

/// Where a user stands with regard to a bucket.
fn standing(pair: &Pair, now: Instant) -> Standing {
    let Some(verdict) = pair.verdict else {
        return match pair.subject.wanted {
            // Since when, nobody can tell.
            Some(truth) if pair.bucket.by_query => Standing::Evaluated {
                truth,
                look_at: None,
                since: now,
                lapsed: pair.was_absent(),
            },
            wanted => Standing::Manual { wanted },
        };
    };
    let dated = pair.dated.unwrap_or(Dated {
        since: now,
        lapsed: false,
    });
    let since = if pair.joining == Joining::Silent && pair.would_join() {
        pair.true_since.unwrap_or(now)
    } else {
        dated.since
    };
    Standing::Evaluated {
        truth: verdict.truth,
        look_at: verdict.look_at,
        since,
        lapsed: dated.lapsed,
    }
}

fn dated(
    pair: &Pair,
    criteria: &Criteria,
    facts: &impl Facts,
    cause: Cause,
    now: Instant,
) -> Result<Dated, Unread> {
    let stay = pair.stored.stay.as_ref();
    Ok(Dated {
        since: since_when(pair, criteria, facts, cause, now)?,
        lapsed: match stay {
            Some(stay) => lapsed(criteria, facts, stay, now)?,
            None => false,
        },
    })
}

/// Since when the present truth has held, for what is announced.
fn since_when(
    pair: &Pair,
    criteria: &Criteria,
    facts: &impl Facts,
    cause: Cause,
    now: Instant,
) -> Result<Instant, Unread> {
    let last = LastDone::of(pair.bucket, criteria, facts, now);
    // If what was read says only that the user did nothing since some instant, a flip after it dates as well, because
    // it was the clock's alone. Without one, what they did last must be read.
    let flip_or = |at: Instant, otherwise: Instant, is_bound: bool| {
        let flip = criteria.last_flip(facts, at, now)?;
        if flip.is_none() && is_bound {
            return Err(Unread { true_since: None });
        }
        Ok(flip.unwrap_or(otherwise))
    };
    Ok(match (cause, pair.stored.timer) {
        // The clock is late by as much as the flip is past. Since the user's last event it has
        // been at work alone, so the last flip since then began the present state, however
        // often the look was put off. Without one it is the stay that dates what happens.
        (Cause::Clock, Some(due)) => {
            let due = due.min(now);
            let before = Instant(due.0.saturating_sub(1));
            let alone_since = last.at.map_or(before, |at| at.min(before));
            flip_or(alone_since, due, last.is_bound)?
        }
        // Until now it was otherwise, whatever the data tell: that was announced, too.
        (Cause::Correction | Cause::Merge { .. }, _) => now,
        // New data decides since when, unless the clock has turned the truth after it: an event
        // that arrives late can make a user lapsed since a week after it happened.
        _ => {
            let moved_at = InnerMove::latest(&pair.moved, now);
            if let Some(at) = pair.subject.latest(pair.bucket, now).max(moved_at) {
                return flip_or(at, at, false);
            }
            match last.at.filter(|_| criteria.scope() == Scope::Involved) {
                Some(at) => flip_or(at, at, last.is_bound)?,
                None => now,
            }
        }
    })
}
