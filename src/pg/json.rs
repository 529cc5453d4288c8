//! Values of properties, read in place out of a jsonb document.
//!
//! Printing a value as JSON and reading that costs more than finding the row it is in.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::slice;

use hogsend_core::criteria::PropertyValue;
use pgrx::pg_sys;

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

    /// The value of a key; `None` where the key is missing.
    pub fn value(&self, key: &str) -> Option<PropertyValue> {
        let mut found = pg_sys::JsonbValue {
            type_: pg_sys::jbvType::jbvNull,
            val: pg_sys::JsonbValue__bindgen_ty_1 { boolean: false },
        };
        // SAFETY: it is an object with keys. What is found points into the document, and its type
        // says which member of the union it is.
        unsafe {
            let found = pg_sys::getKeyJsonValueFromContainer(
                self.object,
                key.as_ptr().cast(),
                key.len() as i32,
                &mut found,
            );
            let found = found.as_ref()?;
            Some(match found.type_ {
                pg_sys::jbvType::jbvNull => PropertyValue::Null,
                pg_sys::jbvType::jbvBool => PropertyValue::Bool(found.val.boolean),
                pg_sys::jbvType::jbvString => {
                    let string = found.val.string;
                    let bytes = slice::from_raw_parts(string.val.cast(), string.len as usize);
                    PropertyValue::String(String::from_utf8_lossy(bytes).into_owned())
                }
                pg_sys::jbvType::jbvNumeric => {
                    let number = Some(pg_sys::Datum::from(found.val.numeric));
                    let text = pgrx::direct_function_call_as_datum(pg_sys::numeric_out, &[number]);
                    parse(text?.cast_mut_ptr())
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
}

/// # Safety
///
/// It must be the text of a JSON value.
unsafe fn parse(json: *const c_char) -> PropertyValue {
    // SAFETY: the caller's promise.
    PropertyValue::parse(&unsafe { CStr::from_ptr(json) }.to_string_lossy())
}
