//! Whom a query returned, held against the members: two lists in byte order.

use std::cmp::Ordering;
use std::collections::VecDeque;

use hogsend_core::time::Instant;

use crate::pg::spool::Spool;
use crate::pg::sql::{Arg, Cursor, Session};
use crate::store::refreshes::KNOWN;

/// Rows fetched at once.
const FETCHED: i64 = 1000;

/// What is to be done about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The query returned them, and they are no member.
    Join,
    /// It did not, and they are, since then.
    Leave { entered_at: Instant },
    /// It did not, and they were held out because their stay had timed out.
    LetGo,
}

/// The differences, in byte order of the users.
pub struct Merge<'a> {
    wanted: &'a Spool,
    next_wanted: Option<String>,
    known: Cursor<'a>,
    /// The next of those who are known: `None` for the instant of those who are held out.
    fetched: VecDeque<(String, Option<Instant>)>,
    more: bool,
    /// Those who are held out count as strangers.
    anew: bool,
}

impl<'a> Merge<'a> {
    pub fn begin(session: &'a Session, bucket: &str, wanted: &'a Spool, anew: bool) -> Merge<'a> {
        wanted.rewind();
        Merge {
            next_wanted: wanted.next().map(|(user, _)| user),
            wanted,
            known: session.open(&KNOWN, &[Arg::Text(bucket)]),
            fetched: VecDeque::new(),
            more: true,
            anew,
        }
    }

    pub fn close(self) {
        self.known.close();
    }

    fn next_known(&mut self) -> Option<(String, Option<Instant>)> {
        if self.fetched.is_empty() && self.more {
            pgrx::check_for_interrupts!();
            let fetched = &mut self.fetched;
            let anew = self.anew;
            self.more = self.known.fetch(FETCHED, |rows| {
                for row in 0..rows.len() {
                    let (user, entered_at) = (rows.text(row, 1), rows.instant(row, 2));
                    if let Some(user) = user
                        && (entered_at.is_some() || !anew)
                        // Who is a member is held out no more, whatever is written down.
                        && fetched.back().is_none_or(|(last, _)| last != user)
                    {
                        fetched.push_back((user.to_owned(), entered_at));
                    }
                }
                rows.len() as i64 == FETCHED
            });
            if self.fetched.is_empty() && self.more {
                return self.next_known();
            }
        }
        self.fetched.front().cloned()
    }

    fn wanted_next(&mut self) -> Option<String> {
        let next = self.wanted.next().map(|(user, _)| user);
        std::mem::replace(&mut self.next_wanted, next)
    }
}

impl Iterator for Merge<'_> {
    type Item = (String, Step);

    fn next(&mut self) -> Option<(String, Step)> {
        loop {
            let known = self.next_known();
            let order = match (&self.next_wanted, &known) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(wanted), Some((known, _))) => wanted.as_str().cmp(known),
            };
            match order {
                Ordering::Less => return self.wanted_next().map(|user| (user, Step::Join)),
                Ordering::Equal => {
                    self.wanted_next();
                    self.fetched.pop_front();
                }
                Ordering::Greater => {
                    let (user, entered_at) = self.fetched.pop_front()?;
                    let step = match entered_at {
                        Some(entered_at) => Step::Leave { entered_at },
                        None => Step::LetGo,
                    };
                    return Some((user, step));
                }
            }
        }
    }
}
