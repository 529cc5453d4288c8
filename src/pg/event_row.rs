//! An event's own document, as filters read it.

use std::cell::OnceCell;

use hogsend_core::criteria::{EventRow, Field, PropertyValue, Scalar};
use pgrx::pg_sys;

use crate::pg::json::Document;
use crate::pg::numeric;

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

/// A place where documents can be kept: the memory context that is current where it is made, and as long as that
/// lives.
#[derive(Clone, Copy)]
pub struct Keeper(pg_sys::MemoryContext);

/// A document that was kept.
#[derive(Clone)]
pub struct Kept {
    properties: Option<pg_sys::Datum>,
    value: Option<pg_sys::Datum>,
    source: Option<Box<str>>,
}

impl Keeper {
    pub fn here() -> Keeper {
        // SAFETY: a plain variable of this backend, which has one thread.
        Keeper(unsafe { pg_sys::CurrentMemoryContext })
    }

    /// Copies what is read of an event.
    ///
    /// # Safety
    ///
    /// The context must live as long as the result is used; nobody may use it later.
    pub unsafe fn keep(self, event: &Event) -> Kept {
        // SAFETY: the datums are varlenas, the promise of whoever made the event; the context is put back.
        unsafe {
            let around = pg_sys::MemoryContextSwitchTo(self.0);
            let copied = |datum: Option<pg_sys::Datum>| {
                let copy =
                    |datum: pg_sys::Datum| pg_sys::pg_detoast_datum_copy(datum.cast_mut_ptr());
                datum.map(|datum| pg_sys::Datum::from(copy(datum)))
            };
            let kept = Kept {
                properties: copied(event.properties),
                value: copied(event.value),
                source: event.source.map(Box::from),
            };
            pg_sys::MemoryContextSwitchTo(around);
            kept
        }
    }
}

impl Kept {
    pub fn event(&self) -> Event<'_> {
        // SAFETY: of these types, and there as long as we are used (`Keeper::keep`).
        unsafe { Event::new(self.properties, self.value, self.source.as_deref()) }
    }

    /// A jsonb.
    pub fn properties(&self) -> Option<pg_sys::Datum> {
        self.properties
    }
}

impl EventRow for Event<'_> {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        match field {
            Field::Property(path) => self.document()?.value(path),
            // SAFETY: the promise of whoever made it.
            Field::Value => self.value.map(|value| unsafe { numeric::value_of(value) }),
            Field::Source => self
                .source
                .map(|source| PropertyValue::String(source.to_owned())),
        }
    }

    fn equals(&self, field: &Field, scalar: &Scalar) -> bool {
        match (field, scalar) {
            (Field::Property(path), _) => {
                let document = self.document();
                document.is_some_and(|document| document.equals(path, scalar))
            }
            (Field::Source, Scalar::String(text)) => self.source == Some(text.as_str()),
            _ => self.field(field).is_some_and(|value| scalar.equals(&value)),
        }
    }
}
