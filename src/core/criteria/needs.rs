//! What must be read of a user before criteria can be evaluated: the reading plan.
//!
//! A leg asks for what it needs while it is read from the document, and gets the number under which
//! it will find that among the [`Facts`](super::Facts). What several legs ask of one series is merged,
//! so that it is read once and as deep as the most demanding of them wants.

use super::numbers::{PropertyNo, SeriesNo};

/// Occurrences that criteria ask about, and how many of them must be known.
///
/// A series is all that one leg can count: today the occurrences of one event. A condition on the
/// events themselves belongs here, because an occurrence that fails it is none of the series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesNeed {
    /// The name of the event, never empty, never one of hogsend's own.
    pub event: String,
    /// Which occurrences matter: 1 is the latest, 2 the one before. Ascending and distinct, and 1
    /// is always among them, because it decides the scope.
    pub ranks: Vec<u64>,
}

/// Everything that one document asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// By [`SeriesNo`], in the order of their first use.
    pub series: Vec<SeriesNeed>,
    /// By [`PropertyNo`], in the order of their first use.
    pub properties: Vec<String>,
}

impl Needs {
    /// Asks for occurrences of an event by their ranks.
    pub fn series(&mut self, event: String, ranks: impl Iterator<Item = u64>) -> SeriesNo {
        let known = self.series.iter().position(|need| need.event == event);
        let index = known.unwrap_or(self.series.len());
        if known.is_none() {
            self.series.push(SeriesNeed {
                event,
                ranks: vec![1],
            });
        }
        if let Some(need) = self.series.get_mut(index) {
            need.ranks.extend(ranks);
            need.ranks.sort_unstable();
            need.ranks.dedup();
        }
        SeriesNo::new(index)
    }

    /// Asks for the value of a property.
    pub fn property(&mut self, name: String) -> PropertyNo {
        let known = self.properties.iter().position(|known| *known == name);
        let index = known.unwrap_or(self.properties.len());
        if known.is_none() {
            self.properties.push(name);
        }
        PropertyNo::new(index)
    }

    /// The numbers of all series.
    pub fn series_numbers(&self) -> impl Iterator<Item = SeriesNo> + use<> {
        (0..self.series.len()).map(SeriesNo::new)
    }

    /// The name of the event of a series.
    pub fn event(&self, series: SeriesNo) -> &str {
        let need = self.series.get(series.index());
        need.map_or("", |need| need.event.as_str())
    }

    /// The name of a property.
    pub fn name(&self, property: PropertyNo) -> &str {
        let name = self.properties.get(property.index());
        name.map_or("", String::as_str)
    }
}
