//! Holding what is kept of series against what the events come to. That nothing is kept is no difference.

use hogsend_core::criteria::{Enough, SeriesOf, Total};
use hogsend_core::time::Instant;

use super::Difference;
use crate::pg::clock;
use crate::pg::sql::Session;
use crate::pipeline::PASS;
use crate::registry::Registry;
use crate::store::facts::{self, Ask, Question};
use crate::store::totals::{self, Kept};

/// Adds a row for each total of the registry's series that is not what its events come to.
pub(super) fn differences(session: &Session, registry: &Registry, into: &mut Vec<Difference>) {
    if !registry.streams.keep_totals || !totals::exists(session.context()) {
        return;
    }
    for (series, of) in registry.streams.all_kept_of() {
        let mut reached = String::new();
        loop {
            pgrx::check_for_interrupts!();
            let last = session.nested(|session| {
                let kept = totals::of_series(session, series, &reached, PASS as i64);
                compare(session, of, &kept, into);
                kept.last().map(|kept| kept.user.clone())
            });
            match last {
                Some(last) => reached = last,
                None => break,
            }
        }
    }
}

fn compare(session: &Session, of: &SeriesOf, kept: &[Kept], into: &mut Vec<Difference>) {
    let users: Vec<&str> = kept.iter().map(|kept| kept.user.as_str()).collect();
    let in_doubt = totals::in_doubt(session, &users);
    for kept in kept {
        let user = kept.user.as_str();
        if in_doubt.contains(user) {
            continue;
        }
        let everything = Enough {
            count: None,
            beyond: None,
            older: None,
        };
        let question = Question {
            user,
            of,
            ask: Ask {
                enough: vec![everything],
                ..Ask::default()
            },
            adds_up: false,
        };
        // One user at a time: they are kept because they did so much.
        let answers = session
            .nested(|session| facts::occurrences(session, &[question], Instant::NEG_INFINITY));
        let computed = answers[0].add_up(of);
        if computed != kept.total {
            let detail = format!(
                "Row of bucket_totals, series {}; without it the events are added up.",
                kept.series
            );
            into.push((
                kept.user.clone(),
                in_words(session, &kept.total),
                in_words(session, &computed),
                detail,
            ));
        }
    }
}

fn in_words(session: &Session, total: &Total) -> String {
    let mut words = format!("n {}, total {}", total.count, total.sum);
    if let Some((least, most)) = &total.ends {
        words.push_str(&format!(", from {least} to {most}"));
    }
    if let Some((first, last)) = total.span {
        let say = |at| clock::in_words(session, at);
        words.push_str(&format!(", {} to {}", say(first), say(last)));
    }
    words
}
