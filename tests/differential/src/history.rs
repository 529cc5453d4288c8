//! What happens in a history. Every statement means something whatever came before it, so that a
//! history stays one when steps are left out.

pub mod sql;

use hogsend_model::{Document, Node, Value, facts};

/// What is looked at between two comparisons.
#[derive(Clone, Debug)]
pub enum Step {
    Alone(Statement),
    Transaction { parts: Vec<Part>, commit: bool },
}

#[derive(Clone, Debug)]
pub enum Part {
    Plain(Statement),
    Savepoint {
        statements: Vec<Statement>,
        release: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Statement {
    /// The clock of everything that hogsend does from here on.
    Now(i64),
    /// Once for each open job, which is done by that, and once more.
    Reconcile,
    /// Whether jobs are left open for later, or done by the statement that makes them.
    Background(bool),
    /// A part of the bucket's job, which goes over contacts by their ids.
    Fill {
        bucket: &'static str,
        contacts: usize,
    },
    Evaluate(Evaluate),
    /// Whether what the session moves is announced.
    Announce(bool),
    Insert {
        form: Form,
        events: Vec<Event>,
    },
    /// By hogsend_ingest().
    Ingest(Event),
    /// UPDATE of events.
    Correct {
        which: Which,
        change: Correction,
    },
    /// DELETE of events.
    Erase(Which),
    Truncate,
    /// INSERT of a contact, unless there is one.
    Contact {
        user: &'static str,
        properties: Properties,
        /// If there is one, its properties are changed.
        upsert: bool,
    },
    /// UPDATE of contacts.
    Change {
        users: Vec<&'static str>,
        change: ContactChange,
    },
    DeleteContact(&'static str),
    TruncateContacts,
    /// UPDATE of a contact's user id.
    Rename {
        from: &'static str,
        to: &'static str,
    },
    Forget(&'static str),
    Define {
        bucket: &'static str,
        definition: Box<Definition>,
    },
    Enable {
        bucket: &'static str,
        enabled: bool,
    },
    Drop(&'static str),
    /// Into or out of a bucket that is kept by hand.
    Manual {
        bucket: &'static str,
        users: Vec<&'static str>,
        into: bool,
        /// Into it without a word.
        silent: bool,
    },
}

/// What becomes of statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evaluate {
    /// They are evaluated.
    #[default]
    On,
    /// Their users are queued, under their locks.
    Off,
    /// What they did is queued, and nobody is locked.
    Later,
}

/// How events are inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Values,
    /// With ON CONFLICT DO NOTHING.
    Tolerant,
    Select,
    Copy,
}

pub type Properties = Vec<(&'static str, Value)>;

#[derive(Clone, Debug)]
pub struct Event {
    pub user: &'static str,
    pub event: &'static str,
    pub occurred_at: i64,
    pub key: Option<&'static str>,
    pub email: Option<&'static str>,
    pub patch: Option<Properties>,
    /// What it says of itself, where criteria ask for that.
    pub document: Option<Document>,
    /// Where it is not left to the database.
    pub id: Option<i64>,
}

/// Which events a correction is about: all criteria must be met.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    pub user: Option<&'static str>,
    pub event: Option<&'static str>,
    /// Happened at or after.
    pub since: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Correction {
    User(&'static str),
    Event(&'static str),
    At(i64),
    /// What only filters ask about.
    Value(Option<Value>),
    Source(Option<&'static str>),
    Properties(facts::Properties),
}

#[derive(Clone, Debug)]
pub enum ContactChange {
    Set(Properties),
    Unset(&'static str),
    SoftDelete,
    Undelete,
    /// Something that no bucket asks about.
    Email(&'static str),
}

/// A row of `buckets`, without what only a person reads.
#[derive(Clone, Debug)]
pub struct Definition {
    /// None: the bucket is kept by hand.
    pub criteria: Option<Node>,
    /// Which of the ways to write them it is.
    pub spelling: u64,
    pub enabled: bool,
    pub entry_limit: EntryLimit,
    pub min_dwell: Option<i64>,
    pub max_dwell: Option<i64>,
    pub dwell_after: Vec<i64>,
    pub dwell_every: Vec<i64>,
    /// What took effect before is not announced.
    pub quiet_before: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryLimit {
    Unlimited,
    Once,
    Period(Option<i64>),
}

impl Definition {
    /// A dynamic bucket with no rules of its own.
    pub fn plain(criteria: Node) -> Definition {
        Definition {
            criteria: Some(criteria),
            spelling: 0,
            enabled: true,
            entry_limit: EntryLimit::Unlimited,
            min_dwell: None,
            max_dwell: None,
            dwell_after: Vec::new(),
            dwell_every: Vec::new(),
            quiet_before: None,
        }
    }
}

impl Definition {
    fn smaller(&self) -> Vec<Definition> {
        let mut smaller = Vec::new();
        let trees = self.criteria.iter().flat_map(Node::smaller);
        smaller.extend(trees.map(|tree| Definition {
            criteria: Some(tree),
            ..self.clone()
        }));
        if self.criteria.is_some() && !self.is_plain() {
            let plain = Definition::plain(self.criteria.clone().expect("criteria"));
            smaller.push(Definition {
                enabled: self.enabled,
                ..plain
            });
        }
        smaller
    }

    /// Whether it has no rules about stays.
    fn is_plain(&self) -> bool {
        self.entry_limit == EntryLimit::Unlimited
            && self.min_dwell.is_none()
            && self.max_dwell.is_none()
            && self.dwell_after.is_empty()
            && self.dwell_every.is_empty()
            && self.quiet_before.is_none()
    }
}

impl Step {
    /// Every way to leave one statement out.
    pub fn smaller(&self) -> Vec<Step> {
        let (parts, commit) = match self {
            Step::Alone(statement) => {
                return statement.smaller().into_iter().map(Step::Alone).collect();
            }
            Step::Transaction { parts, commit } => (parts, commit),
        };
        let with = |parts: Vec<Part>| Step::Transaction {
            parts,
            commit: *commit,
        };
        let mut smaller = Vec::new();
        if let ([Part::Plain(statement)], true) = (parts.as_slice(), commit) {
            smaller.push(Step::Alone(statement.clone()));
        }
        for place in 0..parts.len() {
            let mut fewer = parts.clone();
            let Part::Savepoint {
                statements,
                release,
            } = fewer.remove(place)
            else {
                smaller.push(with(fewer));
                continue;
            };
            smaller.push(with(fewer));
            for inner in 0..statements.len() {
                let mut statements = statements.clone();
                statements.remove(inner);
                let mut parts = parts.clone();
                parts[place] = Part::Savepoint {
                    statements,
                    release,
                };
                smaller.push(with(parts));
            }
        }
        smaller
    }
}

impl Statement {
    /// Every way to leave out a row, or a part of a definition.
    fn smaller(&self) -> Vec<Statement> {
        match self {
            Statement::Insert { form, events } if events.len() > 1 => (0..events.len())
                .map(|place| {
                    let mut events = events.clone();
                    events.remove(place);
                    Statement::Insert {
                        form: *form,
                        events,
                    }
                })
                .collect(),
            Statement::Define { bucket, definition } => {
                let smaller = definition.smaller().into_iter();
                let define = |definition| Statement::Define {
                    bucket,
                    definition: Box::new(definition),
                };
                smaller.map(define).collect()
            }
            _ => Vec::new(),
        }
    }
}
