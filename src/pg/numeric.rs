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
    // SAFETY: the caller's promise.
    let mut words = words_of(unsafe { bytes_of(numeric) });
    let number = head(&mut words)
        .map(|(negative, weight)| Decimal::of_groups(negative, i64::from(weight), &mut words));
    number.map_or(PropertyValue::Opaque, PropertyValue::Number)
}

/// # Safety
///
/// It must be a numeric, which stays where it is while the result is used.
unsafe fn bytes_of<'n>(numeric: pg_sys::Datum) -> &'n [u8] {
    // SAFETY: the caller's promise. Unpacked, it lies in one piece, which its header tells the length of.
    unsafe {
        let unpacked = pg_sys::pg_detoast_datum_packed(numeric.cast_mut_ptr());
        let length = pgrx::varlena::varsize_any_exhdr(unpacked);
        slice::from_raw_parts(pgrx::varlena::vardata_any(unpacked).cast::<u8>(), length)
    }
}

fn words_of(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (words, _) = bytes.as_chunks::<2>();
    words.iter().map(|word| u16::from_ne_bytes(*word))
}

/// A number that is not negative and has few digits: so many units, each of which is a ten-thousandth, taken so often.
pub struct Small {
    units: u64,
    groups_behind_point: u32,
}

impl Small {
    pub fn whole(&self) -> Option<i64> {
        let is_whole = self.groups_behind_point == 0;
        i64::try_from(self.units).ok().filter(|_| is_whole)
    }

    /// The float that is nearest; `None` if finding that takes more than a division.
    pub fn float(&self) -> Option<f64> {
        const EXACT: u64 = 1 << 53;
        const EXACT_GROUPS: u32 = 5;
        let is_exact = self.units <= EXACT && self.groups_behind_point <= EXACT_GROUPS;
        is_exact.then(|| self.units as f64 / 10f64.powi(4 * self.groups_behind_point as i32))
    }
}

/// A numeric, if it is such a number.
///
/// # Safety
///
/// As for [`value_of`].
pub unsafe fn small(numeric: pg_sys::Datum) -> Option<Small> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes_of(numeric) };
    let mut words = words_of(bytes);
    let (negative, weight) = head(&mut words)?;
    let mut units: u64 = 0;
    let mut weight = i32::from(weight);
    for group in words {
        units = units.checked_mul(10_000)?.checked_add(u64::from(group))?;
        weight -= 1;
    }
    // One less than the groups that are left out before the point.
    for _ in 0..=weight {
        if units == 0 {
            break;
        }
        units = units.checked_mul(10_000)?;
    }
    (!negative).then_some(Small {
        units,
        groups_behind_point: (-1 - weight).max(0) as u32,
    })
}

/// A numeric that is a number; `None` of what is none.
///
/// # Safety
///
/// As for [`value_of`].
pub unsafe fn decimal_of(numeric: pg_sys::Datum) -> Option<Decimal> {
    // SAFETY: the caller's promise.
    match unsafe { value_of(numeric) } {
        PropertyValue::Number(number) => Some(number),
        _ => None,
    }
}

/// The sign, and the power of ten thousand of the first group; what follows are the groups of four digits. `None` for
/// what is no number.
fn head(words: &mut impl Iterator<Item = u16>) -> Option<(bool, i16)> {
    let first = words.next()?;
    Some(match first & FORM {
        SPECIAL => return None,
        SHORT => {
            let weight = (first & SHORT_WEIGHT) as i16;
            let is_below = first & SHORT_WEIGHT_NEGATIVE != 0;
            let weight = if is_below { weight - 64 } else { weight };
            (first & SHORT_NEGATIVE != 0, weight)
        }
        sign => (sign == NEGATIVE, words.next()? as i16),
    })
}
