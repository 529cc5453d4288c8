//! Which of the things that runs wait for their filters let through.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hogsend_core::criteria::{Document, Filter};

use super::happened::{Happening, Pair, What};
use crate::language;
use crate::pg::scratch::Scratch;
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::registry::journeys::Journeys;
use crate::store::facts::rows::StoredEvents;

/// Events whose documents are read together.
const MOST: usize = 10_000;

/// By the number of a run, and the place of what happened.
pub struct Passed(HashSet<(i64, usize)>);

impl Passed {
    pub fn contains(&self, run: i64, place: usize) -> bool {
        self.0.contains(&(run, place))
    }

    /// Asks the filters of those runs of `pairs` that wait for something that happened.
    pub fn of(
        session: &Session,
        journeys: &Journeys,
        pairs: &[Pair],
        happenings: &[Happening],
        source: &str,
    ) -> Passed {
        let mut passed = HashSet::new();
        let mut asked: Vec<(i64, usize, Rc<Filter>)> = Vec::new();
        for pair in pairs {
            let Some((latest, awaited)) = pair.awaits(journeys, happenings) else {
                continue;
            };
            let Some(filter) = latest.wait_filter.as_deref().and_then(filter) else {
                continue;
            };
            for place in awaited {
                match passes(&filter, &happenings[place], source) {
                    Some(true) => _ = passed.insert((latest.run.id, place)),
                    Some(false) => {}
                    None => asked.push((latest.run.id, place, Rc::clone(&filter))),
                }
            }
        }
        for asked in asked.chunks(MOST) {
            session.nested(|session| ask(session, journeys, asked, happenings, &mut passed));
        }
        Passed(passed)
    }
}

/// Whether it passes; `None` where the event has to be read for that.
fn passes(filter: &Filter, happening: &Happening, source: &str) -> Option<bool> {
    match &happening.what {
        What::Event(arrival) => {
            let kept = arrival.kept.as_ref()?;
            Some(Scratch::new().with(|| filter.passes(&kept.event(), &ServerZones)))
        }
        What::Transition(_) => {
            let said = happening.said(source)?;
            Some(filter.passes(&Document::new(&said), &ServerZones))
        }
    }
}

fn ask(
    session: &Session,
    journeys: &Journeys,
    asked: &[(i64, usize, Rc<Filter>)],
    happenings: &[Happening],
    passed: &mut HashSet<(i64, usize)>,
) {
    let events: Vec<(i64, &str)> = asked
        .iter()
        .filter_map(|(_, place, _)| Some((happenings[*place].event()?, happenings[*place].user)))
        .collect();
    let Some(documents) = StoredEvents::read(session, &events) else {
        return;
    };
    let scratch = Scratch::new();
    for (run, place, filter) in asked {
        let happening = &happenings[*place];
        let What::Event(arrival) = &happening.what else {
            continue;
        };
        let name = journeys.name(happening.name);
        let event = documents.find(arrival.id, happening.user, name, arrival.at);
        if event.is_some_and(|event| scratch.with(|| filter.passes(&event, &ServerZones))) {
            passed.insert((*run, *place));
        }
    }
}

/// So many filters are kept, and none that is longer than this: some megabytes.
const KEPT: usize = 500;
const LONGEST_KEPT: usize = 2000;

thread_local! {
    /// Filters by their texts: the same runner writes the same ones again and again.
    static FILTERS: RefCell<HashMap<String, Rc<Filter>>> = RefCell::new(HashMap::new());
}

/// The filter that a text is; `None` for one that hogsend has not let in, and that lets nothing through.
fn filter(text: &str) -> Option<Rc<Filter>> {
    if let Some(known) = FILTERS.with_borrow(|filters| filters.get(text).cloned()) {
        return Some(known);
    }
    let filter = Rc::new(language::parse_filter(text).ok()?);
    if text.len() > LONGEST_KEPT {
        return Some(filter);
    }
    FILTERS.with_borrow_mut(|filters| {
        if filters.len() >= KEPT {
            filters.clear();
        }
        filters.insert(text.to_owned(), Rc::clone(&filter));
    });
    Some(filter)
}
