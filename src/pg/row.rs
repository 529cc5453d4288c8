//! A row that Postgres has at hand: a few columns, read in place and not kept.

use hogsend_core::decimal::Decimal;
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::event_row::Event;
use crate::pg::json::Document;
use crate::pg::numeric;

/// The columns that were asked for, in that order. Valid until the next row is fetched.
pub struct Row<'r> {
    values: &'r [Option<pg_sys::Datum>],
}

impl<'r> Row<'r> {
    /// # Safety
    ///
    /// The datums must be of columns of a row that stays where it is while the result is used.
    pub unsafe fn new(values: &'r [Option<pg_sys::Datum>]) -> Row<'r> {
        Row { values }
    }

    /// A text column by its place in the list asked for.
    pub fn text(&self, place: usize) -> Option<&'r str> {
        // SAFETY: callers ask for text only where the column is text; the row outlives the borrow.
        self.values[place].and_then(|datum| unsafe { text(datum) })
    }

    /// An integer column.
    pub fn int(&self, place: usize) -> Option<i32> {
        self.values[place].map(|datum| datum.value() as i32)
    }

    /// A bigint or timestamptz column.
    pub fn bigint(&self, place: usize) -> Option<i64> {
        self.values[place].map(|datum| datum.value() as i64)
    }

    /// A numeric column, of what is a number.
    pub fn decimal(&self, place: usize) -> Option<Decimal> {
        // SAFETY: callers ask for numeric only; the row outlives the call.
        self.values[place].and_then(|datum| unsafe { numeric::decimal_of(datum) })
    }

    /// Whether a jsonb column is an object; not where it is NULL.
    pub fn is_json_object(&self, place: usize) -> bool {
        // SAFETY: callers ask for jsonb only. Unpacked, it begins with its header, which is aligned
        // and tells what it is.
        self.json_words(place)
            .is_some_and(|words| unsafe { words.read() } & pg_sys::JB_FOBJECT != 0)
    }

    /// Whether a jsonb column is JSON's null; not where it is NULL.
    pub fn is_json_null(&self, place: usize) -> bool {
        // SAFETY: as above. A scalar is an array of one element, whose entry follows the header.
        self.json_words(place).is_some_and(|words| unsafe {
            words.read() & pg_sys::JB_FSCALAR != 0
                && words.add(1).read() & pg_sys::JENTRY_TYPEMASK == pg_sys::JENTRY_ISNULL
        })
    }

    fn json_words(&self, place: usize) -> Option<*const u32> {
        // SAFETY: callers ask for jsonb only. Unpacked, it is aligned.
        self.values[place].map(|datum| unsafe {
            let json = pg_sys::pg_detoast_datum(datum.cast_mut_ptr());
            pgrx::varlena::vardata_any(json).cast::<u32>()
        })
    }

    /// A jsonb column, if it is an object that is not empty.
    pub fn json(&self, place: usize) -> Option<Document<'r>> {
        // SAFETY: callers ask for jsonb only; the row outlives what they do with it.
        self.values[place].and_then(|datum| unsafe { Document::of(datum) })
    }

    /// What filters ask of an event: its columns `properties`, `value` and `source`, by their places.
    pub fn event(&self, [properties, value, source]: [usize; 3]) -> Event<'r> {
        // SAFETY: callers ask for columns of these types; the row outlives what they do with it.
        unsafe { Event::new(self.datum(properties), self.datum(value), self.text(source)) }
    }

    pub fn is_null(&self, place: usize) -> bool {
        self.values[place].is_none()
    }

    /// The value itself, of whatever type.
    pub fn datum(&self, place: usize) -> Option<pg_sys::Datum> {
        self.values[place]
    }
}

/// A text where it stands: what is neither compressed nor elsewhere is read without a call of Postgres's, which
/// takes more than to read it.
///
/// # Safety
///
/// The datum must be a text that stays where it is while the result is used.
pub unsafe fn text<'r>(datum: pg_sys::Datum) -> Option<&'r str> {
    // SAFETY: the caller's promise.
    unsafe {
        let start: *const pg_sys::varlena = datum.cast_mut_ptr();
        let is_short = pgrx::varatt_is_1b(start) && !pgrx::varatt_is_1b_e(start);
        if is_short || pgrx::varatt_is_4b_u(start) {
            let bytes = pgrx::vardata_any(start).cast::<u8>();
            let bytes = std::slice::from_raw_parts(bytes, pgrx::varsize_any_exhdr(start));
            // In whatever encoding that is the same.
            if bytes.is_ascii() {
                return Some(std::str::from_utf8_unchecked(bytes));
            }
        }
        <&str>::from_datum(datum, false)
    }
}

/// Reads columns by their numbers out of the row in a slot; a number that is not positive stands
/// for a column that is not there, and reads as NULL.
///
/// # Safety
///
/// The slot must hold a row, and `numbers` be columns of it.
pub unsafe fn columns<const N: usize>(
    slot: *mut pg_sys::TupleTableSlot,
    numbers: [i32; N],
) -> [Option<pg_sys::Datum>; N] {
    // SAFETY: the caller's promise; what lies below `tts_nvalid` is initialised.
    unsafe {
        let last = numbers.into_iter().max().unwrap_or(0);
        if i32::from((*slot).tts_nvalid) < last {
            pg_sys::slot_getsomeattrs_int(slot, last);
        }
        numbers.map(|number| {
            let index = usize::try_from(number - 1).ok()?;
            (!*(*slot).tts_isnull.add(index)).then(|| *(*slot).tts_values.add(index))
        })
    }
}

/// Whether two values of a column are the same, byte by byte: of those that differ some may be equal.
///
/// # Safety
///
/// They must be values of that column.
pub unsafe fn is_same(
    column: *const pg_sys::FormData_pg_attribute,
    one: Option<pg_sys::Datum>,
    other: Option<pg_sys::Datum>,
) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return one.is_none() && other.is_none();
    };
    // SAFETY: the caller's promise; by its length the type says how much there is to a value.
    unsafe {
        let bytes = |value: pg_sys::Datum| -> &[u8] {
            let start = value.cast_mut_ptr::<u8>();
            let length = match (*column).attlen {
                -1 => pgrx::varsize_any(start.cast()),
                -2 => std::ffi::CStr::from_ptr(start.cast()).count_bytes(),
                length => length as usize,
            };
            std::slice::from_raw_parts(start, length)
        };
        if (*column).attbyval {
            one.value() == other.value()
        } else {
            bytes(one) == bytes(other)
        }
    }
}
