//! The values of a list in the order in which a document has them.

use super::ScalarKind;
use crate::decimal::Decimal;

/// Values of one type, one after the other: each in the form in which equal values are the same, behind its
/// length.
///
/// Reading them in makes nothing of each of them, and takes no more room than their bytes and theirs.
#[derive(Clone, Debug, Default)]
pub struct Values {
    kind: Option<ScalarKind>,
    bytes: Vec<u8>,
    /// There are values of several types.
    mixed: bool,
}

impl Values {
    /// With room for so many bytes, those of the lengths included, which are mostly one each.
    pub fn with_capacity(bytes: usize) -> Values {
        Values {
            bytes: Vec::with_capacity(bytes),
            ..Values::default()
        }
    }

    /// Adds a string.
    pub fn string(&mut self, text: &str) {
        self.add(ScalarKind::String, text);
    }

    /// Adds a number.
    pub fn number(&mut self, number: &Decimal) {
        self.add(ScalarKind::Number, &number.to_string());
    }

    /// Adds a number that is whole, which is quicker.
    pub fn whole(&mut self, number: i64) {
        self.add(ScalarKind::Number, &number.to_string());
    }

    /// Adds a boolean.
    pub fn boolean(&mut self, value: bool) {
        self.add(ScalarKind::Bool, if value { "true" } else { "false" });
    }

    fn add(&mut self, kind: ScalarKind, text: &str) {
        self.mixed |= self.kind.is_some_and(|known| known != kind);
        self.kind = Some(kind);
        let mut length = text.len();
        while length >= 0x80 {
            self.bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        self.bytes.push(length as u8);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The type and the bytes; `None` if there are no values, of several types, or too many.
    pub(super) fn finish(self) -> Option<(ScalarKind, Box<[u8]>)> {
        let fits = u32::try_from(self.bytes.len()).is_ok();
        let kind = self.kind.filter(|_| fits && !self.mixed)?;
        Some((kind, self.bytes.into()))
    }
}

/// The value that begins at a place, and where the next one does.
pub(super) fn at(bytes: &[u8], place: usize) -> (&[u8], usize) {
    let (mut length, mut start) = (0, place);
    for shift in (0..usize::BITS).step_by(7) {
        let byte = bytes.get(start).copied().unwrap_or_default();
        start += 1;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    let end = start + length;
    (bytes.get(start..end).unwrap_or_default(), end)
}
