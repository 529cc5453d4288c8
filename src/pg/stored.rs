//! Documents of criteria, read in place out of the jsonb that they are stored as.
//!
//! To print a list of ten thousand values as JSON and to read that takes ten times as long as to unpack it. So lists are
//! copied from where they stand, and only the rest becomes text. What is not as expected becomes text as a whole: to
//! find out what is wrong with a document is the business of those who read that.

mod layout;

use std::ffi::CStr;
use std::marker::PhantomData;
use std::slice;

use hogsend_core::criteria::{List, MAX_LIST, Stored, Values};
use hogsend_core::decimal::Decimal;
use pgrx::pg_sys;

use crate::pg::scratch::Scratch;
use crate::pg::sql::numeric_text;
use layout::{Container, Value};

/// Under this key stand the lists that values are compared with.
const LISTS: &str = "value";
/// Deeper than any document that was found to be good.
const MAX_DEPTH: usize = 256;

/// A document of a row.
pub struct StoredJson<'r> {
    datum: pg_sys::Datum,
    row: PhantomData<&'r ()>,
}

impl StoredJson<'_> {
    /// # Safety
    ///
    /// It must be a jsonb, of a row that stays where it is while the result is used.
    pub unsafe fn new<'r>(datum: pg_sys::Datum) -> StoredJson<'r> {
        StoredJson {
            datum,
            row: PhantomData,
        }
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        Scratch::new().with(|| {
            // SAFETY: it is a jsonb.
            unsafe { text(self.unpacked()) }
        })
    }

    /// The text without its lists, and the lists.
    pub fn taken_apart(&self) -> Stored {
        Scratch::new().with(|| {
            // SAFETY: unpacked, a jsonb is its size, aligned, and as many bytes, which nobody frees before
            // the scratch is.
            unsafe {
                let json = self.unpacked();
                let size = pgrx::varsize_any_exhdr(json.cast());
                let root = slice::from_raw_parts(pgrx::vardata_any(json.cast()).cast(), size);
                let mut stored = Stored::default();
                match container(root, &mut stored, 0) {
                    Some(()) => stored,
                    None => Stored::whole(text(json)),
                }
            }
        })
    }

    /// # Safety
    ///
    /// As [`StoredJson::new`].
    unsafe fn unpacked(&self) -> *mut pg_sys::Jsonb {
        // SAFETY: the caller's promise.
        unsafe { pg_sys::pg_detoast_datum(self.datum.cast_mut_ptr()).cast() }
    }
}

/// # Safety
///
/// It must be an unpacked jsonb.
unsafe fn text(json: *mut pg_sys::Jsonb) -> String {
    // SAFETY: the caller's promise; the text is ours, and ends with a nought.
    unsafe {
        let size = pgrx::varsize_any_exhdr(json.cast());
        let nothing = std::ptr::null_mut();
        let text = pg_sys::JsonbToCString(nothing, &raw mut (*json).root, size as i32);
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

/// Writes a container; `None` if it is not as expected. What stands in it are objects and arrays as deep as
/// documents are.
fn container(bytes: &[u8], into: &mut Stored, depth: usize) -> Option<()> {
    let container = Container::of(bytes)?;
    if depth > MAX_DEPTH || container.is_wrapping() {
        return None;
    }
    if !container.is_object() {
        into.push_str("[");
        for (place, element) in container.values().enumerate() {
            into.push_str(if place == 0 { "" } else { "," });
            value(element?, into, depth)?;
        }
        into.push_str("]");
        return Some(());
    }
    into.push_str("{");
    let values = container.values().skip(container.len());
    for (place, (key, held)) in container.values().zip(values).enumerate() {
        let Some(Value::String(key)) = key else {
            return None;
        };
        into.push_str(if place == 0 { "" } else { "," });
        into.push_str(&quoted(key));
        into.push_str(":");
        let held = held?;
        match list_of(key, held) {
            Some(list) => into.push_list(list),
            None => value(held, into, depth)?,
        }
    }
    into.push_str("}");
    Some(())
}

fn value(value: Value, into: &mut Stored, depth: usize) -> Option<()> {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(value) => into.push_str(if value { "true" } else { "false" }),
        Value::Number(number) => into.push_str(&number_text(number)),
        Value::String(text) => into.push_str(&quoted(text)),
        Value::Nested(nested) => container(nested, into, depth + 1)?,
    }
    Some(())
}

/// The list that a value of an object is, if it is one.
fn list_of(key: &str, value: Value) -> Option<List> {
    let (LISTS, Value::Nested(nested)) = (key, value) else {
        return None;
    };
    let array = Container::of(nested)?;
    if array.is_object() || array.len() > MAX_LIST {
        return None;
    }
    // The lengths of most take a byte each.
    let mut values = Values::with_capacity(array.size() + array.len());
    for value in array.values() {
        match value? {
            Value::Bool(value) => values.boolean(value),
            Value::String(text) => values.string(text),
            Value::Number(number) => match layout::whole(number) {
                Some(number) => values.whole(number),
                None => values.number(&Decimal::parse(&number_text(number))?),
            },
            Value::Null | Value::Nested(_) => return None,
        }
    }
    List::new(values)
}

fn number_text(numeric: &[u8]) -> String {
    // SAFETY: the layout says that a numeric lies there, as aligned as one must be.
    unsafe { numeric_text(pg_sys::Datum::from(numeric.as_ptr())) }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
