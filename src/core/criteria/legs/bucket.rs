//! Legs about who is in another bucket.
//!
//! Membership is a fact like an event or a property: it is what is stored, whatever the other bucket's criteria say
//! by now. It changes when a stay there begins or ends, and whoever writes that looks at these legs again; the
//! clock changes one only where it asks since when.

use super::{Leg, LegForm, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::Effect;
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Membership};
use crate::criteria::hints::quote;
use crate::criteria::json;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::{InnerNo, SeriesNo};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::criteria::words;
use crate::time::{Instant, Span};

/// A leg about a membership.
#[derive(Clone, Debug)]
pub struct BucketLeg {
    /// Of which bucket.
    pub bucket: InnerNo,
    /// Whether the user is to be a member of it, or not to be one.
    pub member: bool,
    /// And has been so for at least that long.
    pub lasting: Option<Span>,
}

impl LegForm for BucketLeg {
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<BucketLeg> {
        walk.check_keys(node, Self::TYPE, &["type", "bucket", "member", "for"]);
        let bucket = walk.name(node, "bucket", "a condition on a bucket");
        let member = walk.optional(node, "member", Walk::truth);
        let lasting = walk.optional(node, "for", Walk::length);
        let (bucket, member, lasting) = (bucket?, member?, lasting?);
        Some(BucketLeg {
            bucket: walk.needs.bucket(bucket),
            member: member.unwrap_or(true),
            lasting,
        })
    }

    fn is_negation(node: &Node, asked: bool) -> bool {
        let member = node.field("member");
        let member = member.and_then(|raw| json::boolean(raw.get()));
        member.unwrap_or(true) != asked
    }
}

impl LegKind for BucketLeg {
    const TYPE: &'static str = "bucket";
    const TELLTALE: &'static str = "bucket";

    fn write(&self, needs: &Needs, into: &mut Writer) {
        into.text("bucket", needs.inner(self.bucket));
        if !self.member {
            into.raw("member", false);
        }
        if let Some(lasting) = self.lasting {
            into.span("for", lasting);
        }
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        match self.begins(facts.membership(self.bucket)) {
            Some(begins) if at < begins => Hold {
                truth: false,
                edge: begins,
            },
            begins => Hold::for_good(begins.is_some()),
        }
    }

    /// Of the stay before the last nothing is known.
    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        let membership = facts.membership(self.bucket);
        let known_since = membership.since().map_or(ALWAYS, |since| since.min(now));
        if at < known_since {
            return Ok(Held {
                truth: None,
                since: ALWAYS,
            });
        }
        Ok(match self.begins(membership) {
            Some(begins) if at >= begins => Held {
                truth: Some(true),
                since: begins.max(known_since),
            },
            _ => Held {
                truth: Some(false),
                since: known_since,
            },
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, _: &F, _: Instant) -> bool {
        true
    }

    fn effect(&self, _: SeriesNo) -> Effect {
        Effect::NONE
    }

    fn scope(&self) -> Scope {
        Scope::Everybody
    }

    fn agrees(&self, asked: &[&Leg]) -> bool {
        asked.iter().all(|leg| match leg {
            Leg::Bucket(other) => other.bucket != self.bucket || other.member == self.member,
            _ => true,
        })
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Bucket(self.bucket)
    }

    fn words(&self, needs: &Needs) -> String {
        let is = if self.member { "in" } else { "not in" };
        let bucket = quote(needs.inner(self.bucket));
        match self.lasting {
            None => format!("{is} bucket {bucket}"),
            Some(lasting) => {
                let lasting = words::duration(lasting);
                format!("{is} bucket {bucket} for at least {lasting}")
            }
        }
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        let say = |at: Instant| (sight.say)(at, self.precision());
        match sight.facts.membership(self.bucket) {
            Membership::Never => "never a member".into(),
            Membership::Member { since } => format!("a member since {}", say(since)),
            Membership::Left { since } => format!("left on {}", say(since)),
        }
    }

    fn precision(&self) -> Precision {
        self.lasting.map_or(Precision::Minute, Precision::beside)
    }
}

impl BucketLeg {
    /// From when on it holds, as the membership is; `None`: never.
    fn begins(&self, membership: Membership) -> Option<Instant> {
        if membership.is_member() != self.member {
            return None;
        }
        let since = match self.lasting {
            Some(lasting) => membership.since().map(|since| since.plus(lasting)),
            // Whoever is in is in, also where a clock that was ahead has said since when.
            None => None,
        };
        Some(since.unwrap_or(Instant::NEG_INFINITY))
    }

    /// Whether only a member can be one of whom it is as `asked`.
    pub(in crate::criteria) fn takes_members_only(&self, asked: bool) -> bool {
        self.member == asked && (asked || self.lasting.is_none())
    }
}
