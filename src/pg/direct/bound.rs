//! What the columns of a key are compared with where rows are looked for by an index.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

/// What a column of a key is compared with.
#[derive(Clone, Copy, Default)]
pub(super) struct Bound<'v> {
    pub place: usize,
    pub strategy: u32,
    pub function: u32,
    pub value: Value<'v>,
}

#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    Text(&'v str),
    Instant(Instant),
}

impl Default for Value<'_> {
    fn default() -> Self {
        Value::Text("")
    }
}

impl<'v> Bound<'v> {
    /// Texts are equal when their bytes are, under a deterministic collation, and bytes compare in
    /// a quarter of the time.
    pub fn equal(place: usize, value: &'v str) -> Bound<'v> {
        Bound::new(
            place,
            pg_sys::BTEqualStrategyNumber,
            pg_sys::F_BYTEAEQ,
            value,
        )
    }

    pub fn at_least(place: usize, value: &'v str) -> Bound<'v> {
        Bound::new(
            place,
            pg_sys::BTGreaterEqualStrategyNumber,
            pg_sys::F_TEXT_GE,
            value,
        )
    }

    pub fn at_most(place: usize, value: &'v str) -> Bound<'v> {
        Bound::new(
            place,
            pg_sys::BTLessEqualStrategyNumber,
            pg_sys::F_TEXT_LE,
            value,
        )
    }

    fn new(place: usize, strategy: u32, function: u32, value: &'v str) -> Bound<'v> {
        Bound {
            place,
            strategy,
            function,
            value: Value::Text(value),
        }
    }

    pub fn before(place: usize, at: Instant) -> Bound<'v> {
        Bound {
            place,
            strategy: pg_sys::BTLessStrategyNumber,
            function: pg_sys::F_TIMESTAMPTZ_LT,
            value: Value::Instant(at),
        }
    }
}
