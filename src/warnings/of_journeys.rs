//! The same of journeys: the events and transitions that they name.

use std::collections::HashMap;

use pgrx::pg_sys;

use super::{MOST, unknown};
use crate::pg::error::Refusal;
use crate::pg::sql::{Arg, Session, Statement};

/// With what its dwells are called.
static BUCKETS: Statement = Statement::new(
    "SELECT b.id, concat_ws(',',
                (SELECT string_agg('after-' || (extract(epoch FROM d) * 1000)::bigint, ',') FROM unnest(b.dwell_after) d),
                (SELECT string_agg('every-' || (extract(epoch FROM d) * 1000)::bigint, ',') FROM unnest(b.dwell_every) d))
     FROM {s}.buckets b WHERE b.id = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Says of the names that journeys go by what is to be said of them: `named` yields a journey, the list, and
/// a name that stands in it, and reads the transition tables of the statement, which must be registered.
pub fn say(session: &Session, named: &'static Statement) {
    let rows = session.execute_once(named, &[]);
    let named: Vec<[&str; 3]> = (0..rows.len())
        .filter_map(|row| Some([rows.text(row, 1)?, rows.text(row, 2)?, rows.text(row, 3)?]))
        .collect();
    let (transitions, events): (Vec<&str>, Vec<&str>) = named
        .iter()
        .map(|[.., name]| *name)
        .partition(|name| name.starts_with("bucket:"));
    let unknown = unknown(session, deduplicated(events));
    let buckets = buckets(session, transitions.iter().filter_map(|name| bucket(name)));
    let mut said = named.iter().filter_map(|[journey, list, name]| {
        let (message, hint) = match bucket(name) {
            None if unknown.contains(name) => (
                format!("nobody is known to have done \"{name}\""),
                "If that event is to come, all is well; if not, see how it is spelled.",
            ),
            None => return None,
            Some((bucket, dwell)) => match (buckets.get(bucket), dwell) {
                (None, _) => (
                    format!("there is no bucket \"{bucket}\""),
                    "It goes by it once it is defined; see that the name is right.",
                ),
                (Some(dwells), Some(dwell)) if !dwells.split(',').any(|d| d == dwell) => (
                    format!("bucket \"{bucket}\" has no dwell \"{dwell}\""),
                    "It is called by its milliseconds, after-604800000 for 7 days in dwell_after.",
                ),
                _ => return None,
            },
        };
        Some((
            format!("journey \"{journey}\": {message}"),
            format!("It stands in {list}."),
            hint,
        ))
    });
    for (message, detail, hint) in said.by_ref().take(MOST) {
        Refusal::note(message).detail(detail).hint(hint).notice();
    }
    match said.count() {
        0 => {}
        more => Refusal::note(format!("{more} more are to be said of these journeys"))
            .hint("See how the names in starts_on and exits_on are spelled.")
            .notice(),
    }
}

/// The bucket that the name of a transition names, and of a dwell which one.
fn bucket(name: &str) -> Option<(&str, Option<&str>)> {
    let (transition, of) = name.strip_prefix("bucket:")?.split_once(':')?;
    Some(match transition {
        "dwell" => {
            let (bucket, dwell) = of.rsplit_once(':')?;
            (bucket, Some(dwell))
        }
        _ => (of, None),
    })
}

fn buckets<'n>(
    session: &Session,
    named: impl Iterator<Item = (&'n str, Option<&'n str>)>,
) -> HashMap<String, String> {
    let ids = deduplicated(named.map(|(bucket, _)| bucket).collect());
    if ids.is_empty() {
        return HashMap::new();
    }
    let rows = session.execute(&BUCKETS, &[Arg::Texts(&ids)]);
    let bucket = |row| Some((rows.text(row, 1)?.to_owned(), rows.text(row, 2)?.to_owned()));
    (0..rows.len()).filter_map(bucket).collect()
}

fn deduplicated(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}
