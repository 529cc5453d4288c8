//! Values put in order.

use super::values;

/// Where the different values begin, in the order of their bytes.
///
/// The values of a list often begin alike, and there may be ten thousand of them in each of a hundred lists: so what
/// they are compared by first are the eight bytes after their common beginning, as one number.
pub(super) fn of(bytes: &[u8]) -> Box<[u32]> {
    let (count, shared) = survey(bytes);
    let mut keyed = Vec::with_capacity(count);
    let mut place = 0;
    while place < bytes.len() {
        let (value, next) = values::at(bytes, place);
        // Places fit, see `Values::finish`.
        keyed.push((key(value, shared), place as u32));
        place = next;
    }
    let value = |place: u32| values::at(bytes, place as usize).0;
    keyed.sort_unstable_by(|(one_key, one), (other_key, other)| {
        let keys = one_key.cmp(other_key);
        keys.then_with(|| value(*one).cmp(value(*other)))
    });
    keyed.dedup_by(|(one_key, one), (other_key, other)| {
        one_key == other_key && value(*one) == value(*other)
    });
    keyed.into_iter().map(|(_, place)| place).collect()
}

/// How many values there are, and how many bytes they all begin with alike.
fn survey(bytes: &[u8]) -> (usize, usize) {
    let (first, mut place) = values::at(bytes, 0);
    let (mut count, mut shared) = (1, first.len());
    while place < bytes.len() {
        let (value, next) = values::at(bytes, place);
        let alike = first.iter().zip(value).take(shared);
        shared = alike.take_while(|(one, other)| one == other).count();
        count += 1;
        place = next;
    }
    (count, shared)
}

/// The next eight bytes as a number that is ordered as they are. Where a value ends it has noughts, so those that are
/// different are in order, and those that are the same may not be.
fn key(value: &[u8], from: usize) -> u64 {
    let mut key = [0; 8];
    let rest = value.get(from..).unwrap_or_default();
    key.iter_mut()
        .zip(rest)
        .for_each(|(key, byte)| *key = *byte);
    u64::from_be_bytes(key)
}
