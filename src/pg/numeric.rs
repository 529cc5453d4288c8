//! Numbers as Postgres stores them, read in place.
//!
//! To have one printed and to read that takes three times as long as to take its digits, and there may be very
//! many. How they are stored is how they are on disk, and has been the same since Postgres 9.1.

use std::slice;

use hogsend_core::criteria::PropertyValue;
use hogsend_core::decimal::Decimal;
use pgrx::pg_sys;

/// What the first word tells: in its two highest bits the form, or the sign of a long one.
const FORM: u16 = 0xC000;
const SHORT: u16 = 0x8000;
const SPECIAL: u16 = 0xC000;
const NEGATIVE: u16 = 0x4000;
/// Of a short form, in which the same word tells the rest.
const SHORT_NEGATIVE: u16 = 0x2000;
const SHORT_WEIGHT: u16 = 0x003F;
const SHORT_WEIGHT_NEGATIVE: u16 = 0x0040;

/// A numeric, as criteria tell values apart: what is no number there is no JSON either.
///
/// # Safety
///
/// It must be a numeric. What unpacking it takes is allocated in the current memory context.
pub unsafe fn value_of(numeric: pg_sys::Datum) -> PropertyValue {
    // SAFETY: the caller's promise. Unpacked, it lies in one piece, which its header tells the length of.
    let bytes = unsafe {
        let unpacked = pg_sys::pg_detoast_datum_packed(numeric.cast_mut_ptr());
        let length = pgrx::varlena::varsize_any_exhdr(unpacked);
        slice::from_raw_parts(pgrx::varlena::vardata_any(unpacked).cast::<u8>(), length)
    };
    let (words, _) = bytes.as_chunks::<2>();
    let mut words = words.iter().map(|word| u16::from_ne_bytes(*word));
    read(&mut words).map_or(PropertyValue::Opaque, PropertyValue::Number)
}

/// The sign, the power of ten thousand of the first group, and the groups of four digits.
fn read(words: &mut impl Iterator<Item = u16>) -> Option<Decimal> {
    let first = words.next()?;
    let (negative, weight) = match first & FORM {
        SPECIAL => return None,
        SHORT => {
            let weight = (first & SHORT_WEIGHT) as i16;
            let is_below = first & SHORT_WEIGHT_NEGATIVE != 0;
            let weight = if is_below { weight - 64 } else { weight };
            (first & SHORT_NEGATIVE != 0, weight)
        }
        sign => (sign == NEGATIVE, words.next()? as i16),
    };
    Some(Decimal::of_groups(negative, i64::from(weight), words))
}
