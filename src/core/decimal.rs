//! Exact decimal numbers.
//!
//! Users' numbers arrive as JSON, where `1`, `1.0` and `10e-1` are one number and where no length
//! is too long. Binary floating point would make two order numbers of twenty digits equal, so
//! digits are kept as they are, compared as they are and added as they are.

use std::cmp::Ordering;
use std::fmt;

/// An exact decimal number of any length, in one normal form for each number.
///
/// Equality, order and hash are those of the number: `1 == 1.0`, `-0 == 0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Values 0 to 9, neither the first nor the last of them 0. Empty means zero.
    digits: Box<[u8]>,
    /// The number is 0.DIGITS times ten to this power. With this choice two positive numbers
    /// compare like (point, digits), the digits like words in a dictionary.
    point: i64,
}

/// Exponents beyond this are refused: far outside anything Postgres stores, and far enough from
/// the ends of `i64` that adding the length of a literal cannot overflow.
const EXPONENT_LIMIT: u64 = 1 << 61;

/// Numbers that Postgres stores as numeric have no more digits before the point, and after it.
const MAX_BEFORE_POINT: i64 = 131_072;
const MAX_BEHIND_POINT: i64 = 16_383;

/// Between these positions of the point a number is printed without an exponent.
const PLAIN_POINTS: std::ops::RangeInclusive<i64> = -5..=21;

impl Decimal {
    /// Reads a number literal of the JSON grammar, exactly.
    ///
    /// Any length of digits is kept. `None` for what is no JSON number, and for a number other
    /// than zero whose exponent is beyond 2^61. Never panics, and allocates no more than the
    /// literal is long, whatever the exponent says.
    pub fn parse(literal: &str) -> Option<Decimal> {
        let (negative, rest) = match literal.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (whole, rest) = split_digits(rest);
        if whole.is_empty() || (whole.len() > 1 && whole.first() == Some(&b'0')) {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => match split_digits(rest) {
                ([], _) => return None,
                parts => parts,
            },
            rest => (&[][..], rest),
        };
        let exponent = match rest {
            [] => Some(0),
            [b'e' | b'E', rest @ ..] => read_exponent(rest)?,
            _ => return None,
        };
        Decimal::from_digits(negative, whole, fraction, exponent)
    }

    /// Zero.
    pub fn zero() -> Decimal {
        Decimal {
            negative: false,
            digits: Box::new([]),
            point: 0,
        }
    }

    /// A whole number.
    pub(crate) fn whole(number: u64) -> Decimal {
        let digits = number.to_string();
        Decimal::from_digits(false, digits.as_bytes(), b"", Some(0)).unwrap_or_else(Decimal::zero)
    }

    /// Puts a number together from ASCII digits before and after the point and a power of ten.
    /// An exponent of `None` is one too large to keep; only zero can do without it.
    pub(crate) fn from_digits(
        negative: bool,
        whole: &[u8],
        fraction: &[u8],
        exponent: Option<i64>,
    ) -> Option<Decimal> {
        let digits = || {
            whole
                .iter()
                .chain(fraction)
                .map(|ascii| ascii.wrapping_sub(b'0'))
        };
        let leading_zeros = digits().take_while(|digit| *digit == 0).count();
        let significant: Vec<u8> = digits().skip(leading_zeros).collect();
        if significant.is_empty() {
            return Some(Decimal::zero());
        }
        let before_point = i64::try_from(whole.len()).ok()?;
        let point = exponent?
            .checked_add(before_point)?
            .checked_sub(i64::try_from(leading_zeros).ok()?)?;
        Some(Decimal::normal(negative, significant, point))
    }

    /// Puts a number together from groups of four digits, each a number below ten thousand, as databases store
    /// it: the first group counts for ten thousand to that power, each further one for one less.
    pub fn of_groups(negative: bool, power: i64, groups: impl Iterator<Item = u16>) -> Decimal {
        let mut digits: Vec<u8> = Vec::with_capacity(4 * groups.size_hint().0);
        let mut point = power.saturating_add(1).saturating_mul(4);
        for group in groups {
            for unit in [1000, 100, 10, 1] {
                match (group / unit % 10) as u8 {
                    0 if digits.is_empty() => point = point.saturating_sub(1),
                    digit => digits.push(digit),
                }
            }
        }
        Decimal::normal(negative, digits, point)
    }

    /// `digits` must not begin with 0; zeros at the end are dropped here.
    fn normal(negative: bool, mut digits: Vec<u8>, point: i64) -> Decimal {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Decimal::zero();
        }
        Decimal {
            negative,
            digits: digits.into_boxed_slice(),
            point,
        }
    }

    /// Whether this is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether this is less than zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether nothing stands behind the decimal point: true for `1.0` and `1e400`.
    pub fn is_whole(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|length| length <= self.point) || self.is_zero()
    }

    /// This number as an integer; `None` unless it is whole, not negative and in range.
    pub fn to_u64(&self) -> Option<u64> {
        if !self.is_whole() || self.negative {
            return None;
        }
        u64::try_from(self.to_fixed(0)?).ok()
    }

    /// This number times 10^`places`, cut off toward zero; `None` when it has more than 38 digits.
    pub(crate) fn to_fixed(&self, places: u8) -> Option<i128> {
        let wanted = self.point.checked_add(i64::from(places))?;
        if self.is_zero() || wanted <= 0 {
            return Some(0);
        }
        let wanted = usize::try_from(wanted)
            .ok()
            .filter(|wanted| *wanted <= 38)?;
        let digits = self
            .digits
            .iter()
            .copied()
            .chain(std::iter::repeat(0))
            .take(wanted);
        let size = digits.fold(0i128, |sum, digit| sum * 10 + i128::from(digit));
        Some(if self.negative { -size } else { size })
    }

    /// What is left of this whole number when as many times `divisor` as may be are taken from it, or added.
    pub(crate) fn modulo(&self, divisor: u32) -> u32 {
        let (divisor, sized) = (u64::from(divisor), |digit: &u8| u64::from(*digit));
        let digits = self.digits.iter().map(sized);
        let mut rest = digits.fold(0, |rest, digit| (rest * 10 + digit) % divisor);
        let (mut zeros, mut power) = (self.bottom().max(0), 10 % divisor);
        while zeros > 0 {
            if zeros % 2 == 1 {
                rest = rest * power % divisor;
            }
            (zeros, power) = (zeros / 2, power * power % divisor);
        }
        if self.negative {
            rest = (divisor - rest) % divisor;
        }
        u32::try_from(rest).unwrap_or(0)
    }

    /// This number times `factor`, exactly.
    pub(crate) fn times(&self, factor: u64) -> Decimal {
        let mut backwards = Vec::with_capacity(self.digits.len() + 20);
        let mut carry = 0u128;
        for digit in self.digits.iter().rev() {
            carry += u128::from(*digit) * u128::from(factor);
            backwards.push((carry % 10) as u8);
            carry /= 10;
        }
        let mut grown = 0i64;
        while carry > 0 {
            backwards.push((carry % 10) as u8);
            carry /= 10;
            grown += 1;
        }
        // A factor of 0 leaves zeros in front, and a number of 0 leaves nothing: both are zero.
        if factor == 0 {
            return Decimal::zero();
        }
        backwards.reverse();
        Decimal::normal(self.negative, backwards, self.point.saturating_add(grown))
    }

    /// Whether Postgres's numeric holds it: what is larger, or has more digits after the point, is no number to
    /// whoever calculates with it.
    pub fn is_numeric(&self) -> bool {
        let behind = i64::try_from(self.digits.len())
            .unwrap_or(i64::MAX)
            .saturating_sub(self.point);
        self.point <= MAX_BEFORE_POINT && behind <= MAX_BEHIND_POINT
    }

    /// Whether it has no more than so many digits before the point, nor behind it.
    pub fn is_within(&self, digits: u16) -> bool {
        self.point <= i64::from(digits) && self.bottom() >= -i64::from(digits)
    }

    /// This number with the opposite sign.
    #[must_use]
    pub fn negated(&self) -> Decimal {
        Decimal {
            negative: !self.negative && !self.is_zero(),
            ..self.clone()
        }
    }

    /// This number and another one together, exactly. Both must be numbers that are calculated with
    /// ([`Decimal::is_numeric`]), or sums of such: as many digits are made as lie between their ends.
    #[must_use]
    pub fn plus(&self, other: &Decimal) -> Decimal {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        // One place more before the point than either has, for what is carried.
        let top = self.point.max(other.point).saturating_add(1);
        let bottom = self.bottom().min(other.bottom());
        let (mine, theirs) = (self.spread(top, bottom), other.spread(top, bottom));
        let (digits, negative) = if self.negative == other.negative {
            (added(mine, &theirs), self.negative)
        } else if self.cmp_size(other).is_ge() {
            (subtracted(mine, &theirs), self.negative)
        } else {
            (subtracted(theirs, &mine), other.negative)
        };
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        let point = top.saturating_sub(leading as i64);
        Decimal::normal(negative, digits.into_iter().skip(leading).collect(), point)
    }

    /// This number times another one, exactly. As many digits are gone through as both have, multiplied.
    #[must_use]
    pub fn product(&self, other: &Decimal) -> Decimal {
        let length = self.digits.len() + other.digits.len();
        let mut backwards = vec![0u32; length];
        for (place, mine) in self.digits.iter().rev().enumerate() {
            let mut carry = 0;
            for (digit, theirs) in backwards
                .iter_mut()
                .skip(place)
                .zip(other.digits.iter().rev())
            {
                let sum = *digit + u32::from(*mine) * u32::from(*theirs) + carry;
                (*digit, carry) = (sum % 10, sum / 10);
            }
            if let Some(digit) = backwards.get_mut(place + other.digits.len()) {
                *digit += carry;
            }
        }
        let digits: Vec<u8> = backwards.iter().rev().map(|digit| *digit as u8).collect();
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        let point = self
            .point
            .saturating_add(other.point)
            .saturating_sub(leading as i64);
        let digits = digits.into_iter().skip(leading).collect();
        Decimal::normal(self.negative != other.negative, digits, point)
    }

    /// How many digits it has between the first and the last that are not 0.
    pub fn digits(&self) -> usize {
        self.digits.len()
    }

    /// The position after that of the last digit, counted like `point`.
    fn bottom(&self) -> i64 {
        self.point
            .saturating_sub(i64::try_from(self.digits.len()).unwrap_or(i64::MAX))
    }

    /// The digits from one position to another, both beyond their ends.
    fn spread(&self, top: i64, bottom: i64) -> Vec<u8> {
        let length = usize::try_from(top.saturating_sub(bottom)).unwrap_or(0);
        let mut digits = vec![0; length];
        let begin = usize::try_from(top.saturating_sub(self.point)).unwrap_or(0);
        for (place, digit) in digits.iter_mut().skip(begin).zip(&self.digits) {
            *place = *digit;
        }
        digits
    }

    /// This number times ten to the power of `places`, if that is a whole number of no more than 38 digits.
    pub(crate) fn to_exact(&self, places: u8) -> Option<i128> {
        if self.bottom() < -i64::from(places) {
            return None;
        }
        self.to_fixed(places)
    }

    /// A whole number divided by ten to the power of `places`.
    pub(crate) fn of_exact(number: i128, places: u8) -> Decimal {
        let digits = number.unsigned_abs().to_string();
        let exponent = Some(-i64::from(places));
        Decimal::from_digits(number < 0, digits.as_bytes(), b"", exponent)
            .unwrap_or_else(Decimal::zero)
    }

    fn cmp_size(&self, other: &Decimal) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self
                .point
                .cmp(&other.point)
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

/// Adds digits to as many others, of which the first is 0.
fn added(mut to: Vec<u8>, more: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    for (digit, more) in to.iter_mut().zip(more).rev() {
        let sum = *digit + more + carry;
        (*digit, carry) = (sum % 10, sum / 10);
    }
    to
}

/// Takes digits from as many others that are no less.
fn subtracted(mut from: Vec<u8>, less: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    for (digit, less) in from.iter_mut().zip(less).rev() {
        let less = less + borrow;
        borrow = u8::from(*digit < less);
        *digit = *digit + 10 * borrow - less;
    }
    from
}

/// The ASCII digits at the beginning, and what follows them.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Reads what follows the `e`. The outer `None`: no exponent; the inner: one beyond the limit.
fn read_exponent(text: &[u8]) -> Option<Option<i64>> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (digits, rest) = split_digits(rest);
    if digits.is_empty() || !rest.is_empty() {
        return None;
    }
    let size = digits.iter().fold(0u64, |sum, ascii| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(ascii.wrapping_sub(b'0')))
    });
    if size > EXPONENT_LIMIT {
        return Some(None);
    }
    let size = i64::try_from(size).ok()?;
    Some(Some(if negative { -size } else { size }))
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_size(other),
            (true, true) => other.cmp_size(self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The one canonical form of each number, a valid JSON literal. Very large and very small numbers
/// get an exponent, so that `1e400` stays short.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        if self.negative {
            f.write_char('-')?;
        }
        let digits = || self.digits.iter().map(|digit| char::from(b'0' + digit));
        if self.is_zero() {
            return f.write_char('0');
        }
        if !PLAIN_POINTS.contains(&self.point) {
            for (index, digit) in digits().enumerate() {
                if index == 1 {
                    f.write_char('.')?;
                }
                f.write_char(digit)?;
            }
            return write!(f, "e{}", self.point.saturating_sub(1));
        }
        if self.point <= 0 {
            f.write_str("0.")?;
            for _ in self.point..0 {
                f.write_char('0')?;
            }
            return digits().try_for_each(|digit| f.write_char(digit));
        }
        let point = usize::try_from(self.point).unwrap_or(0);
        for (index, digit) in digits().enumerate() {
            if index == point {
                f.write_char('.')?;
            }
            f.write_char(digit)?;
        }
        (self.digits.len()..point).try_for_each(|_| f.write_char('0'))
    }
}
