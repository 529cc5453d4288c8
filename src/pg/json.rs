//! Values of properties, read in place out of a jsonb document.
//!
//! Printing a value as JSON and reading that costs more than finding the row it is in.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::slice;

use hogsend_core::criteria::{Path, PropertyValue, Scalar, Step};
use pgrx::pg_sys;

use crate::pg::numeric;

/// A document of properties.
pub struct Document<'d> {
    object: *mut pg_sys::JsonbContainer,
    row: PhantomData<&'d ()>,
}

impl<'d> Document<'d> {
    /// Unpacks a document; `None` if it is no object, or an empty one. What that takes is allocated
    /// in the current memory context, and belongs to it.
    ///
    /// # Safety
    ///
    /// It must be a jsonb, which stays where it is while the result is used.
    pub unsafe fn of(document: pg_sys::Datum) -> Option<Document<'d>> {
        // SAFETY: the caller's promise. Unpacked, it is aligned and begins with its container.
        unsafe {
            let json: *mut pg_sys::Jsonb = pg_sys::pg_detoast_datum(document.cast_mut_ptr()).cast();
            let object = &raw mut (*json).root;
            let header = (*object).header;
            let has_keys = header & pg_sys::JB_FOBJECT != 0 && header & pg_sys::JB_CMASK != 0;
            has_keys.then_some(Document {
                object,
                row: PhantomData,
            })
        }
    }

    /// What stands on a path; `None` where there is nothing. What the path only passes through is
    /// not looked at.
    pub fn value(&self, path: &Path) -> Option<PropertyValue> {
        let found = self.find(path)?;
        // SAFETY: what is found is of that type (see `find`).
        unsafe {
            Some(match found.type_ {
                pg_sys::jbvType::jbvNull => PropertyValue::Null,
                pg_sys::jbvType::jbvBool => PropertyValue::Bool(found.val.boolean),
                pg_sys::jbvType::jbvString => {
                    PropertyValue::String(String::from_utf8_lossy(string_of(&found)).into_owned())
                }
                pg_sys::jbvType::jbvNumeric => {
                    numeric::value_of(pg_sys::Datum::from(found.val.numeric))
                }
                pg_sys::jbvType::jbvBinary => {
                    let nested = found.val.binary;
                    let nothing = std::ptr::null_mut();
                    parse(pg_sys::JsonbToCString(nothing, nested.data, nested.len))
                }
                _ => PropertyValue::Opaque,
            })
        }
    }

    /// Whether what stands on a path has the same type and is the same.
    pub fn equals(&self, path: &Path, scalar: &Scalar) -> bool {
        match (self.find(path), scalar) {
            (Some(found), Scalar::String(text)) if found.type_ == pg_sys::jbvType::jbvString => {
                // SAFETY: it is of that type.
                unsafe { string_of(&found) == text.as_bytes() }
            }
            (Some(found), Scalar::Number(_)) if found.type_ == pg_sys::jbvType::jbvNumeric => {
                // SAFETY: the same.
                let number = unsafe { numeric::value_of(pg_sys::Datum::from(found.val.numeric)) };
                scalar.equals(&number)
            }
            (Some(found), Scalar::Bool(wanted)) if found.type_ == pg_sys::jbvType::jbvBool => {
                // SAFETY: the same.
                unsafe { found.val.boolean == *wanted }
            }
            _ => false,
        }
    }

    /// What stands on a path, of which the type says which member of the union it is. It points into the
    /// document, or is of our own memory context.
    fn find(&self, path: &Path) -> Option<pg_sys::JsonbValue> {
        // SAFETY: it is an object with keys; nested containers lie aligned in the document.
        unsafe {
            let mut found = key_of(self.object, path.key())?;
            for step in path.rest() {
                if found.type_ != pg_sys::jbvType::jbvBinary {
                    return None;
                }
                let container = found.val.binary.data;
                found = match step {
                    Step::Key(key) => key_of(container, key)?,
                    Step::Position(place) => element_of(container, *place)?,
                };
            }
            Some(found)
        }
    }
}

/// The text of a value that is one.
///
/// # Safety
///
/// Its type must say so, and what it was found in stay where it is.
unsafe fn string_of(found: &pg_sys::JsonbValue) -> &[u8] {
    // SAFETY: the caller's promise.
    unsafe {
        let string = found.val.string;
        slice::from_raw_parts(string.val.cast(), string.len as usize)
    }
}

/// # Safety
///
/// It must be a container of a jsonb, which stays where it is while the result is used.
unsafe fn key_of(container: *mut pg_sys::JsonbContainer, key: &str) -> Option<pg_sys::JsonbValue> {
    let mut found = pg_sys::JsonbValue {
        type_: pg_sys::jbvType::jbvNull,
        val: pg_sys::JsonbValue__bindgen_ty_1 { boolean: false },
    };
    // SAFETY: the caller's promise; it has keys if it is an object and not empty.
    unsafe {
        let header = (*container).header;
        if header & pg_sys::JB_FOBJECT == 0 || header & pg_sys::JB_CMASK == 0 {
            return None;
        }
        let value = pg_sys::getKeyJsonValueFromContainer(
            container,
            key.as_ptr().cast(),
            key.len() as i32,
            &mut found,
        );
        (!value.is_null()).then_some(found)
    }
}

/// # Safety
///
/// The same.
unsafe fn element_of(
    container: *mut pg_sys::JsonbContainer,
    place: u32,
) -> Option<pg_sys::JsonbValue> {
    // SAFETY: the caller's promise; what is returned is allocated for us.
    unsafe {
        if (*container).header & pg_sys::JB_FARRAY == 0 {
            return None;
        }
        let value = pg_sys::getIthJsonbValueFromContainer(container, place);
        let found = value.as_ref().copied();
        if found.is_some() {
            pg_sys::pfree(value.cast());
        }
        found
    }
}

/// # Safety
///
/// It must be the text of a JSON value.
unsafe fn parse(json: *const c_char) -> PropertyValue {
    // SAFETY: the caller's promise.
    PropertyValue::parse(&unsafe { CStr::from_ptr(json) }.to_string_lossy())
}
