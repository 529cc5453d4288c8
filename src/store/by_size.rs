//! Statements that change given rows of a table.
//!
//! A plan that is kept may have been made while the table was small, and then goes over all of it to
//! find among its rows those that were given: a few rows are therefore asked for by their users as
//! well, which is a condition on the index in whatever order the planner joins. For many rows that
//! condition would cost more than a plan for the table as it is now.

use crate::pg::sql::{Arg, Rows, Session, Statement};

/// One statement in both ways.
pub struct BySize {
    pub few: Statement,
    pub many: Statement,
}

/// Up to so many rows are few.
const FEW: usize = 8;

impl BySize {
    /// Runs it for so many given rows.
    pub fn execute<'s>(
        &'static self,
        session: &'s Session,
        rows: usize,
        arguments: &[Arg],
    ) -> Rows<'s> {
        if rows <= FEW {
            session.execute(&self.few, arguments)
        } else {
            session.execute_once(&self.many, arguments)
        }
    }
}

/// A statement by its text, the condition on the users that is for few rows alone, the rest of its
/// text, and the types of its arguments.
macro_rules! by_size {
    ($text:expr, $condition:literal, $rest:literal, $arguments:expr $(,)?) => {
        $crate::store::by_size::BySize {
            few: $crate::pg::sql::Statement::new(
                concat!($text, " ", $condition, " ", $rest),
                $arguments,
            ),
            many: $crate::pg::sql::Statement::new(concat!($text, " ", $rest), $arguments),
        }
    };
}
pub(super) use by_size;
