//! Where in a document something stands.

use super::Criteria;
use super::legs::Subject;

/// For each series the path of the first leg that names it.
pub(super) fn of_series(criteria: &Criteria) -> Vec<(String, &str)> {
    let mut paths = vec![None; criteria.needs.series.len()];
    criteria.root.legs_at("$".into(), &mut |leg, path| {
        if let Subject::Series(series) = leg.subject()
            && let Some(first) = paths.get_mut(series.index())
        {
            first.get_or_insert_with(|| format!("{path}.{}", leg.telltale()));
        }
    });
    let numbers = criteria.needs.series_numbers();
    paths
        .into_iter()
        .zip(numbers)
        .filter_map(|(path, series)| Some((path?, criteria.needs.event(series))))
        .collect()
}

/// The path of the first leg that names the top-level property.
pub(super) fn of_property(criteria: &Criteria, name: &str) -> Option<String> {
    let mut found = None;
    criteria.root.legs_at("$".into(), &mut |leg, path| {
        if let Subject::Property(property) = leg.subject()
            && let Some(known) = criteria.needs.path(property)
            && (known.key(), known.rest()) == (name, &[])
        {
            found.get_or_insert_with(|| format!("{path}.{}", leg.telltale()));
        }
    });
    found
}
