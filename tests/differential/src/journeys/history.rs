//! What happens in a history. As in the others, every statement means something whatever came before it.

use crate::history::Evaluate;
use hogsend_model::filter::Filter;
use hogsend_model::{Document, diary};

#[derive(Clone, Debug)]
pub enum Step {
    Alone(Statement),
    /// Each statement, and whether a savepoint around it is rolled back to.
    Transaction {
        statements: Vec<(Statement, bool)>,
        commit: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Statement {
    Now(i64),
    Reconcile,
    Evaluate(Evaluate),
    /// A statement of a session that announces nothing.
    Silently(Box<Statement>),
    Insert(Vec<Event>),
    /// Into the bucket that is kept by hand, or out of it.
    Manual {
        users: Vec<&'static str>,
        into: bool,
    },
    Define {
        journey: &'static str,
        definition: Definition,
    },
    Enable {
        journey: &'static str,
        enabled: bool,
    },
    Drop(&'static str),
    Truncate,
    Say(Box<Said>),
    Contact {
        user: &'static str,
        change: Change,
    },
    Forget(&'static str),
    /// Of all contacts.
    TruncateContacts,
    /// The alias is the user's other id.
    Identify {
        alias: &'static str,
        user: &'static str,
    },
}

#[derive(Clone, Debug)]
pub struct Event {
    pub user: &'static str,
    pub name: &'static str,
    pub at: i64,
    pub document: Document,
    /// No two events of a history have the same; it stands in their properties.
    pub number: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub starts: Vec<&'static str>,
    pub exits: Vec<&'static str>,
    pub limit: diary::Limit,
    pub enabled: bool,
}

/// Something that is said of a run.
#[derive(Clone, Debug)]
pub struct Said {
    pub user: &'static str,
    pub journey: &'static str,
    /// 0: of the latest run, 1: of the one before.
    pub run: usize,
    /// In answer to its last step, the one before, or to none.
    pub step: Option<usize>,
    pub call: Call,
    pub state: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Call {
    Sleep {
        span: i64,
        label: &'static str,
    },
    SleepUntil {
        at: i64,
        label: &'static str,
    },
    WaitFor {
        event: &'static str,
        span: i64,
        label: &'static str,
        filter: Option<Filter>,
        /// Which of the ways to write it.
        spelling: u64,
    },
    Checkpoint {
        label: &'static str,
    },
    Complete,
    Fail(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub enum Change {
    SoftDelete,
    /// As everything that follows it is, this is evaluated at once.
    Undelete,
    Delete,
    /// The contact becomes that of another user, if there is none; evaluated as above.
    Rename(&'static str),
}

impl Step {
    /// Every way to leave something out.
    pub fn smaller(&self) -> Vec<Step> {
        match self {
            Step::Alone(Statement::Insert(events)) if events.len() > 1 => {
                let fewer = (0..events.len()).map(|place| {
                    let mut events = events.clone();
                    events.remove(place);
                    Step::Alone(Statement::Insert(events))
                });
                fewer.collect()
            }
            Step::Alone(_) => Vec::new(),
            Step::Transaction { statements, commit } => {
                let mut smaller: Vec<Step> = Vec::new();
                if let ([(statement, false)], true) = (statements.as_slice(), commit) {
                    smaller.push(Step::Alone(statement.clone()));
                }
                for place in 0..statements.len() {
                    let mut statements = statements.clone();
                    statements.remove(place);
                    smaller.push(Step::Transaction {
                        statements,
                        commit: *commit,
                    });
                }
                smaller
            }
        }
    }
}
