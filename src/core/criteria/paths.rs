//! Where in a document something stands.

use super::{Condition, Criteria};

/// For each event the path of the first leg that names it.
pub(super) fn of_events(criteria: &Criteria) -> Vec<(String, &str)> {
    let mut paths = vec![None; criteria.events.len()];
    visit(&criteria.root, "$".into(), &mut paths);
    let events = criteria.events.iter().map(|need| need.event.as_str());
    paths
        .into_iter()
        .zip(events)
        .filter_map(|(path, event)| Some((path?, event)))
        .collect()
}

/// The path of the first leg that names the property.
pub(super) fn of_property(criteria: &Criteria, name: &str) -> Option<String> {
    let number = criteria.properties.iter().position(|p| p == name)?;
    find(&criteria.root, "$".into(), number)
}

fn find(condition: &Condition, path: String, property: usize) -> Option<String> {
    match condition {
        Condition::Property(leg) if leg.property == property => Some(format!("{path}.property")),
        Condition::Property(_) | Condition::Event(_) => None,
        Condition::Composite { conditions, .. } => conditions
            .iter()
            .enumerate()
            .find_map(|(index, part)| find(part, format!("{path}.conditions[{index}]"), property)),
    }
}

/// The recursion is as deep as the tree, which the parser bounds.
fn visit(condition: &Condition, path: String, paths: &mut [Option<String>]) {
    match condition {
        Condition::Property(_) => {}
        Condition::Event(leg) => {
            paths[leg.event].get_or_insert_with(|| format!("{path}.eventName"));
        }
        Condition::Composite { conditions, .. } => {
            for (index, part) in conditions.iter().enumerate() {
                visit(part, format!("{path}.conditions[{index}]"), paths);
            }
        }
    }
}
