//! How a jsonb lies in memory, of which nothing is trusted but that it lies there.

use pgrx::pg_sys;

/// An object or an array.
pub struct Container<'j> {
    header: u32,
    /// One word for each element, or for each key and then for each value.
    entries: &'j [u8],
    /// What they are about, one after the other.
    data: &'j [u8],
}

/// A value in a container.
#[derive(Clone, Copy)]
pub enum Value<'j> {
    Null,
    Bool(bool),
    /// The bytes of a numeric, aligned as it must be.
    Number(&'j [u8]),
    String(&'j str),
    /// Those of a container.
    Nested(&'j [u8]),
}

impl<'j> Container<'j> {
    /// The container that begins with these bytes.
    pub fn of(bytes: &'j [u8]) -> Option<Container<'j>> {
        let header = word(bytes)?;
        let count = (header & pg_sys::JB_CMASK) as usize;
        let each = if header & pg_sys::JB_FOBJECT == 0 {
            1
        } else {
            2
        };
        let (entries, data) = bytes.get(4..)?.split_at_checked(4 * each * count)?;
        Some(Container {
            header,
            entries,
            data,
        })
    }

    pub fn is_object(&self) -> bool {
        self.header & pg_sys::JB_FOBJECT != 0
    }

    /// Whether it is what a document is wrapped into that is no container.
    pub fn is_wrapping(&self) -> bool {
        self.header & pg_sys::JB_FSCALAR != 0
    }

    /// How many elements it has, or pairs.
    pub fn len(&self) -> usize {
        (self.header & pg_sys::JB_CMASK) as usize
    }

    /// How many bytes what is in it takes.
    pub fn size(&self) -> usize {
        self.data.len()
    }

    /// The elements; or the keys, and then their values in the same order. `None` in the place of what is
    /// none.
    pub fn values(&self) -> impl Iterator<Item = Option<Value<'j>>> + use<'j> {
        let (entries, data) = (self.entries, self.data);
        // Most is strings: they are looked through once for all.
        let text = str::from_utf8(data).ok();
        let mut start = 0;
        entries.chunks_exact(4).map(move |entry| {
            let entry = word(entry)?;
            let length = (entry & pg_sys::JENTRY_OFFLENMASK) as usize;
            // Every so often it is told where a value ends, and else how long it is.
            let end = match entry & pg_sys::JENTRY_HAS_OFF {
                0 => start + length,
                _ => length,
            };
            let from = std::mem::replace(&mut start, end);
            let aligned = || data.get(from.next_multiple_of(4)..end);
            Some(match entry & pg_sys::JENTRY_TYPEMASK {
                pg_sys::JENTRY_ISNULL => Value::Null,
                pg_sys::JENTRY_ISBOOL_FALSE => Value::Bool(false),
                pg_sys::JENTRY_ISBOOL_TRUE => Value::Bool(true),
                pg_sys::JENTRY_ISNUMERIC => Value::Number(aligned()?),
                pg_sys::JENTRY_ISCONTAINER => Value::Nested(aligned()?),
                pg_sys::JENTRY_ISSTRING => Value::String(match text {
                    Some(text) => text.get(from..end)?,
                    None => str::from_utf8(data.get(from..end)?).ok()?,
                }),
                _ => return None,
            })
        })
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.first_chunk()?))
}

/// The number that a numeric is, if it is whole and has at most sixteen digits; `None` says nothing.
pub fn whole(numeric: &[u8]) -> Option<i64> {
    // Its size, and then one word with sign and weight if it is one of the short ones.
    let size = word(numeric)?;
    let size = if cfg!(target_endian = "little") {
        size >> 2
    } else {
        size
    };
    let (header, digits) = numeric.get(4..)?.split_first_chunk()?;
    let header = u16::from_ne_bytes(*header);
    if size as usize != numeric.len() || header & 0xc000 != 0x8000 {
        return None;
    }
    // Digits are of ten thousand each; those behind the last that is no nought are left out.
    let weight = header & 0x7f;
    let count = digits.len() / 2;
    if weight > 3 || count > usize::from(weight) + 1 {
        return (count == 0).then_some(0);
    }
    let digits = digits
        .chunks_exact(2)
        .map(|two| i64::from(u16::from_ne_bytes([two[0], two[1]])));
    let missing = std::iter::repeat_n(0, usize::from(weight) + 1 - count);
    let number = digits
        .chain(missing)
        .fold(0, |number, digit| number * 10_000 + digit);
    Some(if header & 0x2000 == 0 {
        number
    } else {
        -number
    })
}
