//! Arguments of statements, as Postgres takes them.

use std::ffi::{CStr, CString, c_char};

use hogsend_core::decimal::Decimal;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

/// One argument of a statement.
pub enum Arg<'a> {
    Text(&'a str),
    OptText(Option<&'a str>),
    Int(i32),
    BigInt(i64),
    OptBigInt(Option<i64>),
    Bool(bool),
    Instant(Instant),
    OptInstant(Option<Instant>),
    Texts(&'a [&'a str]),
    OptTexts(&'a [Option<&'a str>]),
    Ints(&'a [i32]),
    BigInts(&'a [i64]),
    Bools(&'a [bool]),
    OptBools(&'a [Option<bool>]),
    OptBigInts(&'a [Option<i64>]),
    Instants(&'a [Option<Instant>]),
    /// A jsonb by its text.
    Json(&'a CStr),
    /// A value as Postgres gave it to us, of the type that the statement was made for.
    Raw(Option<pg_sys::Datum>),
}

impl Arg<'_> {
    /// `None` for NULL. What is no value by itself lies in the current memory context.
    pub fn datum(&self) -> Option<pg_sys::Datum> {
        Some(match self {
            Arg::Text(text) => text_datum(text),
            Arg::OptText(text) => text_datum((*text)?),
            Arg::Int(value) => pg_sys::Datum::from(*value),
            Arg::BigInt(value) => pg_sys::Datum::from(*value),
            Arg::OptBigInt(value) => pg_sys::Datum::from((*value)?),
            Arg::Bool(value) => pg_sys::Datum::from(*value),
            Arg::Raw(value) => (*value)?,
            Arg::Json(text) => json_datum(text)?,
            Arg::Instant(instant) => pg_sys::Datum::from(instant.0),
            Arg::OptInstant(instant) => pg_sys::Datum::from((*instant)?.0),
            Arg::Texts(texts) => array(texts.iter().map(|t| Some(text_datum(t))), pg_sys::TEXTOID),
            Arg::OptTexts(texts) => array(texts.iter().map(|t| t.map(text_datum)), pg_sys::TEXTOID),
            Arg::Ints(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::INT4OID,
            ),
            Arg::BigInts(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::INT8OID,
            ),
            Arg::Bools(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::BOOLOID,
            ),
            Arg::OptBools(values) => array(
                values.iter().map(|v| v.map(pg_sys::Datum::from)),
                pg_sys::BOOLOID,
            ),
            Arg::OptBigInts(values) => array(
                values.iter().map(|v| v.map(pg_sys::Datum::from)),
                pg_sys::INT8OID,
            ),
            Arg::Instants(values) => array(
                values.iter().map(|v| v.map(|i| pg_sys::Datum::from(i.0))),
                pg_sys::TIMESTAMPTZOID,
            ),
        })
    }
}

/// A text in the current memory context, which SPI frees with the connection.
pub fn text_datum(text: &str) -> pg_sys::Datum {
    // SAFETY: copies exactly `len` bytes of valid memory.
    unsafe {
        pg_sys::Datum::from(pg_sys::cstring_to_text_with_len(
            text.as_ptr().cast(),
            text.len() as i32,
        ))
    }
}

/// A jsonb by its text.
pub fn json_datum(text: &CStr) -> Option<pg_sys::Datum> {
    let text = [Some(pg_sys::Datum::from(text.as_ptr()))];
    // SAFETY: the function takes a C string.
    unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &text) }
}

/// A jsonb as text.
pub fn json_text(value: pg_sys::Datum) -> String {
    // SAFETY: callers ask for jsonb only; the C string is copied.
    unsafe {
        let text = pgrx::direct_function_call_as_datum(pg_sys::jsonb_out, &[Some(value)]);
        let text = text.map_or(c"null".as_ptr(), |datum| datum.cast_mut_ptr::<c_char>());
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

/// A number as a numeric, in the current memory context.
pub fn numeric_datum(number: &Decimal) -> pg_sys::Datum {
    let text = CString::new(number.to_string()).unwrap_or_default();
    let arguments = [
        Some(pg_sys::Datum::from(text.as_ptr())),
        Some(pg_sys::Datum::from(0)),
        Some(pg_sys::Datum::from(-1)),
    ];
    // SAFETY: the function takes a C string, a type that it does not look at, and no limit of digits.
    let numeric = unsafe { pgrx::direct_function_call_as_datum(pg_sys::numeric_in, &arguments) };
    numeric.unwrap_or(pg_sys::Datum::null())
}

/// A numeric as text.
///
/// # Safety
///
/// It must be a numeric.
pub unsafe fn numeric_text(value: pg_sys::Datum) -> String {
    // SAFETY: the caller's promise; the C string is copied.
    unsafe {
        let text = pgrx::direct_function_call_as_datum(pg_sys::numeric_out, &[Some(value)]);
        let text = text.map_or(c"".as_ptr(), |datum| datum.cast_mut_ptr::<c_char>());
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

fn array(
    elements: impl ExactSizeIterator<Item = Option<pg_sys::Datum>>,
    element_type: pg_sys::Oid,
) -> pg_sys::Datum {
    let mut nulls = Vec::with_capacity(elements.len());
    let mut values: Vec<pg_sys::Datum> = elements
        .map(|element| {
            nulls.push(element.is_none());
            element.unwrap_or(pg_sys::Datum::from(0))
        })
        .collect();
    let (length, by_value, align) = match element_type {
        pg_sys::TEXTOID => (-1, false, b'i'),
        pg_sys::INT4OID => (4, true, b'i'),
        pg_sys::BOOLOID => (1, true, b'c'),
        _ => (8, true, b'd'),
    };
    let mut dimensions = [values.len() as i32];
    let mut lower_bounds = [1];
    // SAFETY: one dimension of exactly `values.len()` elements of the stated layout; copied.
    unsafe {
        pg_sys::Datum::from(pg_sys::construct_md_array(
            values.as_mut_ptr(),
            nulls.as_mut_ptr(),
            1,
            dimensions.as_mut_ptr(),
            lower_bounds.as_mut_ptr(),
            element_type,
            length,
            by_value,
            align as c_char,
        ))
    }
}

/// The values of arguments, and which of them are NULL.
pub(super) fn data(arguments: &[Arg]) -> (Vec<pg_sys::Datum>, Vec<c_char>) {
    let data = arguments.iter().map(|argument| {
        let datum = argument.datum();
        let null = if datum.is_some() { b' ' } else { b'n' };
        (datum.unwrap_or(pg_sys::Datum::from(0)), null as c_char)
    });
    data.unzip()
}
