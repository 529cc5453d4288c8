//! Errors that are nobody's fault: whoever gets one tries again.

use anyhow::Error;
use postgres::error::SqlState;
use std::error::Error as _;
use std::io;

/// Postgres's own way of saying "try again".
pub fn is_conflict(error: &postgres::Error) -> bool {
    has_code(
        error,
        &[
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
        ],
    )
}

/// Whether the session is gone, or could not begin: it was killed, or the server was. Whether its
/// last statement was committed nobody knows.
pub fn is_cut(error: &postgres::Error) -> bool {
    error.is_closed()
        || error.source().is_some_and(|cause| cause.is::<io::Error>())
        || has_code(
            error,
            &[
                &SqlState::ADMIN_SHUTDOWN,
                &SqlState::CRASH_SHUTDOWN,
                &SqlState::CANNOT_CONNECT_NOW,
            ],
        )
}

/// Whether everything has to be tried again on a new connection.
pub fn is_lost(error: &Error) -> bool {
    error
        .downcast_ref()
        .is_some_and(|error| is_cut(error) || is_conflict(error))
}

fn has_code(error: &postgres::Error, codes: &[&SqlState]) -> bool {
    error.code().is_some_and(|code| codes.contains(&code))
}
