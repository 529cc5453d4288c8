//! How much a statement may touch, and which statements are about more than they return.

use super::Ran;
use hogsend_client_tests::plans;
use std::collections::BTreeMap;

/// What a statement may touch, beside so many times what it is about.
const FEW: u64 = 60;
const ROWS_EACH: u64 = 8;
const PAGES_EACH: u64 = 40;

/// Statements that are about more than they return and than a pass: how much; and why.
const ABOUT: [(&str, u64, &str); 38] = [
    (
        "runs::live::WITHOUT_CONTACT",
        EVERYTHING,
        "passes once over all runs that are live, in passes",
    ),
    (
        "runs::live::ORPHANED",
        EVERYTHING,
        "after TRUNCATE journeys all runs that are live end",
    ),
    (
        "runs::ahead::AHEAD",
        EVERYTHING,
        "passes once a correction over all runs, which are in no index by their dates",
    ),
    ("runs::ahead::ANY", EVERYTHING, "passes over the same"),
    (
        "queue::HEAD",
        20,
        "passes over those that were worked off, as long as no vacuum has taken them out of the index",
    ),
    ("queue::ANY", 20, "passes over the same"),
    (
        "totals::SERIES",
        20,
        "goes from one series to the next, past rows that were taken back, once a definition that changed",
    ),
    ("queue::DROP_ALL", 20, "passes over the same"),
    (
        "feed::known::FEED",
        EVERYTHING,
        "reads the catalogs, once a session and feed",
    ),
    (
        "feed::altered::ANY_IS_ALTERED",
        EVERYTHING,
        "reads the catalogs, once a session and feed",
    ),
    (
        "feed::altered::ANY_IS_BEHIND",
        20,
        "finds the last of four tables, past rows that were taken back, once a session and feed",
    ),
    ("feeds::PARTS", 200, "reads the catalogs"),
    ("feeds::PART_FROM", 200, "reads the catalogs"),
    ("feeds::RELATION", 200, "reads the catalogs"),
    (
        "feed::verify::EVENTS",
        EVERYTHING,
        "holds all that is there against all that should be",
    ),
    (
        "feed::verify::CONTACTS",
        EVERYTHING,
        "holds all that is there against all that should be",
    ),
    (
        "feed::events::MOVE",
        2500,
        "asks of each row whose it is by now",
    ),
    (
        "erase::NOTE",
        10,
        "calls a function, which is planned each time",
    ),
    (
        "stays::MEMBERS_WITHOUT_CONTACT",
        EVERYTHING,
        "passes once over all stays, in passes",
    ),
    (
        "define::TRUNCATED",
        EVERYTHING,
        "finds everybody's stays in what is no more",
    ),
    (
        "timers::DISARM_ORPHANS",
        EVERYTHING,
        "finds the timers of what is no more",
    ),
    ("candidates::COUNT_CONTACTS", ALL, "counts them, once a job"),
    (
        "candidates::COUNT_WITH_EVENTS",
        ALL,
        "counts them, where that is asked in SQL",
    ),
    (
        "verify::GONE",
        ALL,
        "hogsend_verify() holds all that is there against all that should be",
    ),
    (
        "verify::UNREADABLE",
        ALL,
        "looks at all members of one bucket",
    ),
    (
        "verify::TORN",
        4000,
        "looks at all stays of one bucket, which those that have ended are in no index by",
    ),
    (
        "zones::IS_USED",
        EVERYTHING,
        "reads all definitions, once an hour",
    ),
    (
        "zones::REVIEW",
        EVERYTHING,
        "reads all definitions, where the server's time zones are others",
    ),
    (
        "corrections::REQUEUE",
        2500,
        "looks once a correction at whatever is due in the time that the clock was ahead",
    ),
    (
        "events::RECENT",
        1000,
        "reads so many of the last events, as its own limit says",
    ),
    (
        "outbox::LAPSE",
        2500,
        "asks who has not read all that was told, before it is gone",
    ),
    (
        "stays::ACTIVE_IN_STRETCH",
        50,
        "reads a stretch of the index, also those who have just left",
    ),
    (
        "timers::DUE",
        10,
        "passes over timers that are no more, as long as no vacuum has taken them out of the index",
    ),
    ("reconcile::OLDEST", 10, "passes over the same"),
    (
        "facts::BY_RANK",
        100,
        "passes over those before the hundredth",
    ),
    (
        "facts::stretch::OF_STRETCH",
        2500,
        "reads a stretch of the index",
    ),
    (
        "timers::DROP_ORPHANS",
        1000,
        "looks at a pass of the oldest",
    ),
    ("retention::PRUNE", 10_000, "removes so many"),
];
/// Users in all, at most.
const ALL: u64 = 25_000;
/// Rows in all, at most.
pub const EVERYTHING: u64 = 250_000;

/// The statements that touched more than they may, by where they are written.
pub fn faults(all: &[Ran], names: &BTreeMap<String, (String, usize)>) -> Vec<String> {
    let mut faults = BTreeMap::new();
    for Ran {
        about,
        step,
        touched,
    } in all
    {
        if *about == 0 || touched.text == *step {
            continue;
        }
        let place = plans::place_of(&touched.text);
        let name = place
            .and_then(|place| names.get(place))
            .map(|n| n.0.as_str());
        let known = ABOUT
            .iter()
            .find(|(known, ..)| name.is_some_and(|name| name.ends_with(known)));
        // A pass, or a stretch, is one statement's part of what the step is about; and a statement of
        // ours that is not about a set is about what it returns.
        let is_about_a_set = ["ANY ($", "unnest("]
            .iter()
            .any(|set| touched.text.contains(set));
        let wanted = touched.wanted.max(match (name, known) {
            (_, Some((_, about, _))) => *about,
            (None, None) => *about,
            (Some(_), None) if is_about_a_set => (*about).min(2500),
            (Some(_), None) => 1,
        });
        if touched.rows > FEW + ROWS_EACH * wanted || touched.pages > FEW + PAGES_EACH * wanted {
            let what = name.unwrap_or(&touched.text).to_owned();
            let fault = format!(
                "{what}: {} rows and {} pages for {wanted}, in {step}",
                touched.rows, touched.pages
            );
            faults.entry(what).or_insert(fault);
        }
    }
    faults.into_values().collect()
}
