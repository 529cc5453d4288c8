//! What is known of one user, as far as one document asks.

use super::measured::Taken;
use super::numbers::{InnerNo, PropertyNo, SeriesNo};
use super::total::Total;
use super::value::PropertyValue;
use super::zones::Zones;
use crate::time::Instant;

/// What is known of one user. Everything that [`Criteria::series`](super::Criteria::series),
/// [`Criteria::properties`](super::Criteria::properties) and [`Criteria::buckets`](super::Criteria::buckets) ask for
/// must be there; nothing else is used.
pub trait Facts {
    /// The occurrences of a series.
    fn series(&self, series: SeriesNo) -> Series<'_>;

    /// What all the occurrences of a series come to, where that is kept. Then none of those need be read that
    /// the plan asks for only to add them up ([`SeriesNeed::beside_total`](super::SeriesNeed::beside_total)).
    #[inline]
    fn total(&self, _: SeriesNo) -> Option<&Total> {
        None
    }

    /// The value of a property; `None` when it is absent or the user has no live contact.
    fn property(&self, property: PropertyNo) -> Option<&PropertyValue>;

    /// How the user stands with a bucket.
    fn membership(&self, bucket: InnerNo) -> Membership;

    /// The user's id.
    fn user(&self) -> &str;

    /// Whether the user has a contact that is not soft-deleted.
    fn live_contact(&self) -> bool;

    /// By what local times are read.
    fn zones(&self) -> &dyn Zones;
}

/// How a user stands with a bucket, as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Membership {
    /// The user has never been in it.
    #[default]
    Never,
    /// The user is in it, and has been since.
    Member { since: Instant },
    /// The user was in it, and has been out since.
    Left { since: Instant },
}

impl Membership {
    /// Whether the user is in it.
    pub fn is_member(self) -> bool {
        matches!(self, Membership::Member { .. })
    }

    /// Since when it has been so; `None`: always.
    pub fn since(self) -> Option<Instant> {
        match self {
            Membership::Never => None,
            Membership::Member { since } | Membership::Left { since } => Some(since),
        }
    }
}

/// The occurrences of one series of one user, as far as they were read.
#[derive(Clone, Copy, Debug)]
pub struct Series<'f> {
    /// Latest first, without a gap; of the same instant the one with the greater id first, where `marks`
    /// or the oldest are asked for. Empty only if there are none at or after `from`.
    pub latest: &'f [Instant],
    /// For each of `latest` whether it passes what the series marks; empty where it marks nothing.
    pub marks: &'f [bool],
    /// For each of `latest` what was taken of it; empty where the series measures nothing.
    pub values: &'f [Taken],
    /// For each of `latest` its id, where values are taken; else it may be empty.
    pub ids: &'f [i64],
    /// All that happened at or after this are in `latest`: minus infinity where it goes back to the
    /// very first.
    pub from: Instant,
    /// Single ones from further back, by rank counted from the latest, which is rank 1.
    pub further: &'f [(u64, Instant)],
    /// Single ones counted from the first, by rank; `None` when there are fewer. Only the walk back
    /// through the past asks for them, and only of what is not complete.
    pub first: &'f [(u64, Option<Instant>)],
    /// The very first, of the same instant the one with the least id, and its mark. `None` where there
    /// is none, or where nobody asked.
    pub oldest: Option<(Instant, bool)>,
}

impl Default for Series<'_> {
    /// Nothing happened, ever.
    fn default() -> Self {
        Series {
            latest: &[],
            marks: &[],
            values: &[],
            ids: &[],
            from: Instant::NEG_INFINITY,
            further: &[],
            first: &[],
            oldest: None,
        }
    }
}

impl Series<'_> {
    /// When it happened for the `rank`-th time counted from the latest, which is rank 1; `None` if it
    /// happened less often.
    #[inline]
    pub fn rank(&self, rank: u64) -> Option<Instant> {
        // There is no rank 0, and no place that far back.
        let place = usize::try_from(rank.wrapping_sub(1)).ok()?;
        match self.latest.get(place) {
            Some(occurred_at) => Some(*occurred_at),
            None => self
                .further
                .iter()
                .find(|(further, _)| *further == rank)
                .map(|(_, occurred_at)| *occurred_at),
        }
    }

    /// Whether `latest` goes back to the very first occurrence.
    #[inline]
    pub fn is_complete(&self) -> bool {
        self.from == Instant::NEG_INFINITY
    }

    /// Whether it has never happened.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.latest.is_empty()
    }
}
