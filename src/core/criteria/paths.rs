//! Where in a document something stands.

use super::Criteria;
use super::legs::Subject;

/// For each event the path of the first leg that names it, in the order of the document.
pub(super) fn of_events(criteria: &Criteria) -> Vec<(String, &str)> {
    let mut paths: Vec<(String, &str)> = Vec::new();
    criteria.root.legs_at("$".into(), &mut |leg, path| {
        let all = match leg.subject() {
            Subject::Series(series) => vec![(series, leg.telltale().to_owned())],
            Subject::Both(left, right) => {
                vec![
                    (left, "left.eventName".to_owned()),
                    (right, "right.eventName".to_owned()),
                ]
            }
            Subject::Steps(steps) => {
                let places = (0..).map(|place: usize| format!("steps[{place}].eventName"));
                steps.into_iter().zip(places).collect()
            }
            _ => return,
        };
        for (series, place) in all {
            let of = criteria.needs.of(series);
            for event in of.iter().flat_map(|of| &of.events) {
                if !paths.iter().any(|(_, known)| known == event) {
                    paths.push((format!("{path}.{place}"), event));
                }
            }
        }
    });
    paths
}

/// For each bucket the path at which it is named first, in the order of the document.
pub(super) fn of_buckets(criteria: &Criteria) -> Vec<(String, &str)> {
    let mut paths: Vec<(String, &str)> = Vec::new();
    criteria.root.legs_at("$".into(), &mut |leg, path| {
        if let Subject::Bucket(bucket) = leg.subject() {
            let id = criteria.needs.inner(bucket);
            if !paths.iter().any(|(_, known)| *known == id) {
                paths.push((format!("{path}.{}", leg.telltale()), id));
            }
        }
    });
    paths
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
