//! What is known of somebody, in lists.

use hogsend_core::criteria::{
    Criteria, Facts, InnerNo, Membership, Path, PropertyNo, PropertyValue, Series, SeriesNo, Taken,
    Zones,
};
use hogsend_core::time::Instant;
use hogsend_model::Facts as Stored;

#[path = "rows.rs"]
#[allow(dead_code, reason = "not every test asks for all of it")]
pub mod rows;

pub struct Listed {
    /// For each series, latest first.
    pub series: Vec<Vec<Instant>>,
    /// For each series, of each of these whether it is marked.
    pub marks: Vec<Vec<bool>>,
    /// And what was taken of it.
    pub values: Vec<Vec<Taken>>,
    pub ids: Vec<Vec<i64>>,
    pub properties: Vec<Option<PropertyValue>>,
    pub memberships: Vec<Membership>,
    pub live: bool,
    pub user: String,
}

impl Listed {
    /// As far as criteria ask: the occurrences of events by name, in any order, and the values of
    /// properties.
    #[allow(dead_code, reason = "not every test names what happened")]
    pub fn of(
        criteria: &Criteria,
        event: impl Fn(&str) -> Vec<Instant>,
        property: impl FnMut(&Path) -> Option<PropertyValue>,
        live: bool,
    ) -> Listed {
        let series = criteria.series().iter().map(|need| {
            let mut times = event(&need.of.events[0]);
            times.sort_unstable_by(|a, b| b.cmp(a));
            times
        });
        let series: Vec<Vec<Instant>> = series.collect();
        let properties = criteria.properties().iter();
        Listed {
            marks: series.iter().map(|times| vec![true; times.len()]).collect(),
            values: vec![Vec::new(); series.len()],
            ids: vec![Vec::new(); series.len()],
            series,
            properties: properties.map(property).collect(),
            memberships: vec![Membership::Never; criteria.buckets().len()],
            live,
            user: String::new(),
        }
    }

    /// The model's user, as far as criteria ask.
    #[allow(dead_code, reason = "not every test has one")]
    pub fn stored(criteria: &Criteria, stored: &Stored) -> Listed {
        let property = |path: &Path| {
            let value = stored.properties.as_ref()?.get(path.key())?;
            PropertyValue::parse_at(&value.json(), path.rest())
        };
        let needs = criteria.series().iter();
        let rows = needs.map(|need| rows::latest_first(&need.of, stored));
        let rows: Vec<Vec<rows::Row>> = rows.collect();
        let of_each = rows.iter();
        let ids = rows
            .iter()
            .map(|rows| rows.iter().map(|row| row.id).collect());
        Listed {
            ids: ids.collect(),
            series: of_each
                .clone()
                .map(|rows| rows.iter().map(|row| row.at).collect())
                .collect(),
            marks: of_each
                .clone()
                .map(|rows| rows.iter().map(|row| row.mark).collect())
                .collect(),
            values: of_each
                .map(|rows| rows.iter().map(|row| row.value.clone()).collect())
                .collect(),
            properties: criteria.properties().iter().map(property).collect(),
            memberships: memberships(criteria, stored),
            live: stored.properties.is_some(),
            user: stored.user.clone(),
        }
    }
}

/// How the model's user stands with each bucket that criteria name.
pub fn memberships(criteria: &Criteria, stored: &Stored) -> Vec<Membership> {
    let of = |bucket: &String| match stored.memberships.get(bucket.as_str()) {
        None => Membership::Never,
        Some(stay) if stay.is_member => Membership::Member {
            since: Instant(stay.since),
        },
        Some(stay) => Membership::Left {
            since: Instant(stay.since),
        },
    };
    criteria.buckets().iter().map(of).collect()
}

impl Facts for Listed {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let latest = self.series[series.index()].as_slice();
        let marks = self.marks[series.index()].as_slice();
        Series {
            latest,
            marks,
            values: &self.values[series.index()],
            ids: &self.ids[series.index()],
            oldest: latest.last().copied().zip(marks.last().copied()),
            ..Series::default()
        }
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.properties[property.index()].as_ref()
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships[bucket.index()]
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.live
    }

    fn zones(&self) -> &dyn Zones {
        &rows::Clocks
    }
}
