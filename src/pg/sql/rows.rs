//! What statements return, read in place.

use hogsend_core::decimal::Decimal;
use hogsend_core::time::Instant;
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::direct::Place;
use crate::pg::event_row::Event;
use crate::pg::fit;
use crate::pg::numeric;
use crate::pg::stored::StoredJson;

/// An open statement.
pub struct Cursor<'s> {
    pub(super) portal: pg_sys::Portal,
    pub(super) context: &'s Context,
}

impl Cursor<'_> {
    /// Hands the next rows to `read`, at most so many; they are freed afterwards.
    pub fn fetch<R>(&self, most: i64, read: impl FnOnce(&Rows) -> R) -> R {
        // SAFETY: the portal is open; `read` cannot keep the rows, whose table is freed after it.
        unsafe {
            pg_sys::SPI_cursor_fetch(self.portal, true, most);
            let rows = Rows::of_last_call(self.context, false);
            let result = read(&rows);
            pg_sys::SPI_freetuptable(rows.table);
            result
        }
    }

    pub fn close(self) {
        // SAFETY: the portal is open, and not used after this.
        unsafe { pg_sys::SPI_cursor_close(self.portal) };
    }
}

/// The rows of a statement. They live as long as the session.
pub struct Rows<'s> {
    table: *mut pg_sys::SPITupleTable,
    len: usize,
    /// Rows that the statement changed, or returned.
    pub processed: u64,
    /// A rule made something else of the statement.
    pub(super) rewritten: bool,
    context: &'s Context,
}

impl<'s> Rows<'s> {
    pub(super) unsafe fn of_last_call(context: &'s Context, rewritten: bool) -> Rows<'s> {
        // SAFETY: SPI sets both globals in every call; the table lives until SPI_finish.
        unsafe {
            let table = pg_sys::SPI_tuptable;
            let len = if table.is_null() {
                0
            } else {
                (*table).numvals as usize
            };
            Rows {
                table,
                len,
                processed: pg_sys::SPI_processed,
                rewritten,
                context,
            }
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A value of that type. What a statement selects from a column has the column's type, which may
    /// be another by now.
    fn datum(&self, row: usize, column: usize, wanted: pg_sys::Oid) -> Option<pg_sys::Datum> {
        assert!(row < self.len, "row {row} of {}", self.len);
        // SAFETY: row and column exist.
        unsafe {
            let description = (*self.table).tupdesc;
            let columns = (*description).natts as usize;
            assert!(
                (1..=columns).contains(&column),
                "column {column} of {columns}"
            );
            let actual = (*fit::attribute(description, column - 1)).atttypid;
            if !fit::is_of(actual, wanted) {
                fit::refuse_result(self.context, description, column - 1, wanted)
            }
            let tuple = *(*self.table).vals.add(row);
            let mut is_null = false;
            let value = pg_sys::SPI_getbinval(tuple, description, column as i32, &mut is_null);
            (!is_null).then_some(value)
        }
    }

    /// A text column (1-based); `None` for NULL.
    pub fn text(&self, row: usize, column: usize) -> Option<&'s str> {
        // SAFETY: it is a text, and lives as long as the session.
        self.datum(row, column, pg_sys::TEXTOID)
            .and_then(|d| unsafe { <&str>::from_datum(d, false) })
    }

    /// What filters ask of an event: its columns `properties`, `value` and `source`, by their places.
    pub fn event(&self, row: usize, [properties, value, source]: [usize; 3]) -> Event<'s> {
        let properties = self.datum(row, properties, pg_sys::JSONBOID);
        let value = self.datum(row, value, pg_sys::NUMERICOID);
        // SAFETY: they are of these types, and live as long as the session.
        unsafe { Event::new(properties, value, self.text(row, source)) }
    }

    /// A document of criteria (1-based); `None` for NULL.
    pub fn stored(&self, row: usize, column: usize) -> Option<StoredJson<'s>> {
        let document = self.datum(row, column, pg_sys::JSONBOID)?;
        // SAFETY: it is a jsonb, and lives as long as the session.
        Some(unsafe { StoredJson::new(document) })
    }

    /// A column `ctid`: where the row was.
    pub fn place(&self, row: usize, column: usize) -> Option<Place> {
        let place = self.datum(row, column, pg_sys::TIDOID)?;
        // SAFETY: it is one, and lives as long as the session.
        Some(unsafe { Place::at(*place.cast_mut_ptr::<pg_sys::ItemPointerData>()) })
    }

    pub fn bigint(&self, row: usize, column: usize) -> Option<i64> {
        self.datum(row, column, pg_sys::INT8OID)
            .map(|d| d.value() as i64)
    }

    /// A numeric column (1-based), of what is a number.
    pub fn decimal(&self, row: usize, column: usize) -> Option<Decimal> {
        let datum = self.datum(row, column, pg_sys::NUMERICOID)?;
        // SAFETY: it is a numeric, and lives as long as the session.
        unsafe { numeric::decimal_of(datum) }
    }

    pub fn int(&self, row: usize, column: usize) -> Option<i32> {
        self.datum(row, column, pg_sys::INT4OID)
            .map(|d| d.value() as i32)
    }

    pub fn bool(&self, row: usize, column: usize) -> Option<bool> {
        self.datum(row, column, pg_sys::BOOLOID)
            .map(|d| d.value() as u8 != 0)
    }

    pub fn instant(&self, row: usize, column: usize) -> Option<Instant> {
        self.datum(row, column, pg_sys::TIMESTAMPTZOID)
            .map(|d| Instant(d.value() as i64))
    }
}
