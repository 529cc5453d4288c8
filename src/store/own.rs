//! Which writes to contacts and events are our own.

use std::cell::Cell;

use pgrx::pg_sys;

thread_local! {
    /// The trigger depth at which our own writes arrive; 0 for none.
    static OWN_DEPTH: Cell<i32> = const { Cell::new(0) };
}

/// While it lives, our triggers on contacts and events take the statement that we run for ours. A trigger of
/// the user's that writes there in turn is one level deeper and is evaluated as usual.
pub struct OwnWrite {
    outer: i32,
}

impl OwnWrite {
    pub fn begin() -> OwnWrite {
        OwnWrite {
            outer: OWN_DEPTH.replace(trigger_depth() + 1),
        }
    }
}

impl Drop for OwnWrite {
    // Also runs when an error unwinds; it touches nothing of Postgres.
    fn drop(&mut self) {
        OWN_DEPTH.set(self.outer);
    }
}

/// Whether the trigger that asks was fired by a write of our own.
pub fn is_own_write() -> bool {
    OWN_DEPTH.get() != 0 && OWN_DEPTH.get() == trigger_depth()
}

/// How many triggers are running, one inside the other.
pub fn trigger_depth() -> i32 {
    // SAFETY: pg_trigger_depth takes no arguments and returns an int4.
    let depth = unsafe { pgrx::direct_function_call_as_datum(pg_sys::pg_trigger_depth, &[]) };
    depth.map_or(0, |datum| datum.value() as i32)
}
