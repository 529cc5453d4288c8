//! An event's own document, as filters read it.

use std::cell::OnceCell;

use hogsend_core::criteria::{EventRow, Field, PropertyValue};
use pgrx::pg_sys;

use crate::pg::json::Document;
use crate::pg::sql::numeric_text;

/// The columns of an event that filters ask for. Nothing is unpacked that nobody asks for, and what that
/// takes belongs to the memory context of whoever asks.
pub struct Event<'r> {
    properties: Option<pg_sys::Datum>,
    value: Option<pg_sys::Datum>,
    source: Option<&'r str>,
    document: OnceCell<Option<Document<'r>>>,
}

impl<'r> Event<'r> {
    /// # Safety
    ///
    /// The datums must be a jsonb and a numeric of a row that stays where it is while the result is used.
    pub unsafe fn new(
        properties: Option<pg_sys::Datum>,
        value: Option<pg_sys::Datum>,
        source: Option<&'r str>,
    ) -> Event<'r> {
        Event {
            properties,
            value,
            source,
            document: OnceCell::new(),
        }
    }

    fn document(&self) -> Option<&Document<'r>> {
        let unpack = || {
            // SAFETY: the promise of whoever made it.
            self.properties
                .and_then(|properties| unsafe { Document::of(properties) })
        };
        self.document.get_or_init(unpack).as_ref()
    }
}

impl EventRow for Event<'_> {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        match field {
            Field::Property(path) => self.document()?.value(path),
            // SAFETY: the promise of whoever made it. What is no number there is no JSON either.
            Field::Value => self
                .value
                .map(|value| PropertyValue::parse(&unsafe { numeric_text(value) })),
            Field::Source => self
                .source
                .map(|source| PropertyValue::String(source.to_owned())),
        }
    }
}
