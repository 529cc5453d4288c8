//! What is kept of the labels of a run, between a jsonb and what the core makes of it.
//!
//! Each step of each run reads it and writes it. By way of its text that costs a third of all that the step does, so
//! what hogsend writes itself is read and made in place. Anything else is read and made as text, with the same result.

use std::ffi::CString;

use hogsend_core::run::{Label, Labels};
use pgrx::pg_sys;

use crate::pg::numeric;
use crate::pg::sql::{json_datum, json_text};

/// The labels of a run as they were read.
#[derive(Clone)]
pub(super) enum Kept {
    Text(String),
    /// A copy of a jsonb, which begins with its length.
    Binary(Vec<u32>),
}

impl Kept {
    /// # Safety
    ///
    /// It must be a jsonb.
    pub unsafe fn of(labels: pg_sys::Datum) -> Kept {
        // SAFETY: the caller's promise. Unpacked, it has as many bytes as it says, which fit into the copy.
        unsafe {
            let unpacked: *const u8 = pg_sys::pg_detoast_datum(labels.cast_mut_ptr()).cast();
            let bytes = pgrx::varsize_any(unpacked.cast());
            let mut copy = vec![0; bytes.div_ceil(size_of::<u32>())];
            std::ptr::copy_nonoverlapping(unpacked, copy.as_mut_ptr().cast(), bytes);
            Kept::Binary(copy)
        }
    }

    pub fn labels(&self) -> Labels {
        let copy = match self {
            Kept::Text(json) => return Labels::parse(json),
            Kept::Binary(copy) => pg_sys::Datum::from(copy.as_ptr()),
        };
        // SAFETY: the copy is a jsonb, and is there until we return.
        unsafe { read(copy) }.unwrap_or_else(|| Labels::parse(&json_text(copy)))
    }
}

/// Labels as a jsonb, in the current memory context.
pub(in crate::store) fn datum(labels: &Labels) -> Option<pg_sys::Datum> {
    made(labels).or_else(|| json_datum(&CString::new(labels.text()).ok()?))
}

/// `None` where it is no object of objects of numbers of ours.
///
/// # Safety
///
/// It must be an unpacked jsonb.
unsafe fn read(labels: pg_sys::Datum) -> Option<Labels> {
    // SAFETY: the caller's promise. What a token comes with is of the type that the token tells.
    unsafe {
        let json: *mut pg_sys::Jsonb = labels.cast_mut_ptr();
        let mut iterator = pg_sys::JsonbIteratorInit(&raw mut (*json).root);
        let mut value = nothing();
        let mut next = || {
            let token = pg_sys::JsonbIteratorNext(&mut iterator, &mut value, false);
            (token, value)
        };
        use pg_sys::JsonbIteratorToken::{WJB_BEGIN_OBJECT, WJB_END_OBJECT, WJB_KEY, WJB_VALUE};
        if next().0 != WJB_BEGIN_OBJECT {
            return None;
        }
        let mut all: Vec<(String, Label)> = Vec::new();
        loop {
            let (token, name) = next();
            match token {
                WJB_KEY => {}
                WJB_END_OBJECT => return Some(all.into_iter().collect()),
                _ => return None,
            }
            let name = std::str::from_utf8(text_of(&name)).ok()?.to_owned();
            if next().0 != WJB_BEGIN_OBJECT {
                return None;
            }
            let mut label = Label::default();
            loop {
                let (token, key) = next();
                match token {
                    WJB_KEY => {}
                    WJB_END_OBJECT => break,
                    _ => return None,
                }
                let (token, value) = next();
                if token != WJB_VALUE || value.type_ != pg_sys::jbvType::jbvNumeric {
                    return None;
                }
                let number = numeric::small(value.val.numeric.into())?;
                match text_of(&key) {
                    b"reached" => label.reached = number.whole()?,
                    b"timedOut" => label.timed_out = number.whole()?,
                    b"exited" => label.exited = number.whole()?,
                    b"seconds" => label.seconds = Some(number.float()?),
                    _ => return None,
                }
            }
            all.push((name, label));
        }
    }
}

/// `None` where there is a number that is better told as text.
fn made(labels: &Labels) -> Option<pg_sys::Datum> {
    use pg_sys::JsonbIteratorToken::{WJB_BEGIN_OBJECT, WJB_END_OBJECT, WJB_KEY, WJB_VALUE};
    let mut state = std::ptr::null_mut();
    let mut push = |token, mut value: pg_sys::JsonbValue| {
        let value = match token {
            WJB_KEY | WJB_VALUE => &raw mut value,
            _ => std::ptr::null_mut(),
        };
        // SAFETY: each object that is begun is ended, and in it keys and values follow each other. The value is copied,
        // and what it points to is there until the document is made.
        unsafe { pg_sys::pushJsonbValue(&mut state, token, value) }
    };
    push(WJB_BEGIN_OBJECT, nothing());
    for (name, label) in labels.iter() {
        push(WJB_KEY, text(name));
        push(WJB_BEGIN_OBJECT, nothing());
        let mut count = |key, count: i64| {
            push(WJB_KEY, text(key));
            // SAFETY: any number can be one.
            push(
                WJB_VALUE,
                number(unsafe { pg_sys::int64_to_numeric(count) }),
            );
        };
        count("reached", label.reached);
        if label.timed_out != 0 {
            count("timedOut", label.timed_out);
        }
        if label.exited != 0 {
            count("exited", label.exited);
        }
        if let Some(seconds) = label.seconds {
            let seconds = seconds_of(seconds)?;
            push(WJB_KEY, text("seconds"));
            push(WJB_VALUE, number(seconds));
        }
        push(WJB_END_OBJECT, nothing());
    }
    let all = push(WJB_END_OBJECT, nothing());
    // SAFETY: the end of the outermost object returns it.
    Some(unsafe { pg_sys::Datum::from(pg_sys::JsonbValueToJsonb(all)) })
}

/// As many digits behind the point as it takes, and one at least, as in its text; `None` where those of a microsecond
/// are not enough.
fn seconds_of(seconds: f64) -> Option<pg_sys::Numeric> {
    const MICROS: f64 = 1e6;
    const EXACT: f64 = 1e15;
    let micros = (seconds * MICROS).round();
    if !(0.0..EXACT).contains(&micros) || micros / MICROS != seconds {
        return None;
    }
    let (mut units, mut behind) = (micros as i64, 6);
    while behind > 1 && units % 10 == 0 {
        units /= 10;
        behind -= 1;
    }
    // SAFETY: any number can be divided by a power of ten.
    Some(unsafe { pg_sys::int64_div_fast_to_numeric(units, behind) })
}

fn nothing() -> pg_sys::JsonbValue {
    pg_sys::JsonbValue {
        type_: pg_sys::jbvType::jbvNull,
        val: pg_sys::JsonbValue__bindgen_ty_1 { boolean: false },
    }
}

/// It points to the text.
fn text(text: &str) -> pg_sys::JsonbValue {
    let string = pg_sys::JsonbValue__bindgen_ty_1__bindgen_ty_1 {
        len: text.len() as i32,
        val: text.as_ptr().cast_mut().cast(),
    };
    pg_sys::JsonbValue {
        type_: pg_sys::jbvType::jbvString,
        val: pg_sys::JsonbValue__bindgen_ty_1 { string },
    }
}

fn number(numeric: pg_sys::Numeric) -> pg_sys::JsonbValue {
    pg_sys::JsonbValue {
        type_: pg_sys::jbvType::jbvNumeric,
        val: pg_sys::JsonbValue__bindgen_ty_1 { numeric },
    }
}

/// The bytes of a key.
///
/// # Safety
///
/// It must be a key, of a document that is there for as long as the result is used.
unsafe fn text_of<'k>(key: &pg_sys::JsonbValue) -> &'k [u8] {
    // SAFETY: the caller's promise: a key is a string.
    unsafe {
        let string = key.val.string;
        std::slice::from_raw_parts(string.val.cast(), string.len as usize)
    }
}
