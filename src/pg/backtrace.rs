//! No stack traces for users.
//!
//! pgrx puts the stack of every error that passes through Rust into its DETAIL, if the environment of
//! the server asks Rust programs for it. What a user is told of an error is not for the environment to
//! say, and nobody who is told can do anything with it.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::env;

/// What Rust's library looks for, in this order.
const VARIABLES: [&str; 2] = ["RUST_LIB_BACKTRACE", "RUST_BACKTRACE"];

/// Has Rust's library, of which this extension has a copy of its own, decide against stacks. It looks
/// into the environment once, when a stack is asked for first; so that is done here, with the answer in
/// the environment, and the environment then is what it was: it belongs to the server, whose archiving
/// command, for one, has it too.
pub fn never() {
    let before = env::var_os(VARIABLES[0]);
    // SAFETY: a process of Postgres has one thread when it loads a library, so nobody reads the
    // environment meanwhile.
    unsafe { env::set_var(VARIABLES[0], "0") };
    let stack = Backtrace::capture();
    debug_assert_eq!(stack.status(), BacktraceStatus::Disabled);
    // SAFETY: as above.
    unsafe {
        match before {
            Some(value) => env::set_var(VARIABLES[0], value),
            None => env::remove_var(VARIABLES[0]),
        }
    }
}
