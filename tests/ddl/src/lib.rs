//! What only users do to tables: random alterations of ours between random statements.
//!
//! A sequence is one transaction with a savepoint a statement, and is rolled back: so nothing has to be
//! made anew for the next one, and what a session remembers must survive that, too.

pub mod play;
pub mod statements;
