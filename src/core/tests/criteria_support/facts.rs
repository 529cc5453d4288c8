//! What is known of somebody, in lists.

use hogsend_core::criteria::{Criteria, Facts, Path, PropertyNo, PropertyValue, Series, SeriesNo};
use hogsend_core::time::Instant;
use hogsend_model::Facts as Stored;

pub struct Listed {
    /// For each series, latest first.
    pub series: Vec<Vec<Instant>>,
    pub properties: Vec<Option<PropertyValue>>,
    pub live: bool,
    pub user: String,
}

impl Listed {
    /// As far as criteria ask: the occurrences of events by name, in any order, and the values of
    /// properties.
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
        let properties = criteria.properties().iter();
        Listed {
            series: series.collect(),
            properties: properties.map(property).collect(),
            live,
            user: String::new(),
        }
    }

    /// The model's user, as far as criteria ask.
    #[allow(dead_code, reason = "not every test has one")]
    pub fn stored(criteria: &Criteria, stored: &Stored) -> Listed {
        let times = |event: &str| stored.of(event).iter().map(|o| Instant(o.at)).collect();
        let property = |path: &Path| {
            let value = stored.properties.as_ref()?.get(path.key())?;
            PropertyValue::parse_at(&value.json(), path.rest())
        };
        let listed = Listed::of(criteria, times, property, stored.properties.is_some());
        Listed {
            user: stored.user.clone(),
            ..listed
        }
    }
}

impl Facts for Listed {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        Series {
            latest: &self.series[series.index()],
            ..Series::default()
        }
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.properties[property.index()].as_ref()
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.live
    }
}
