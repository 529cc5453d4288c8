//! Exact decimals against whole numbers as text: every number of a test is brought to one power
//! of ten, padded with zeros, and compared digit by digit.

use hogsend_core::decimal::Decimal;
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A number as written: sign, digits before and after the point, exponent.
#[derive(Clone, Debug)]
struct Written {
    negative: bool,
    whole: String,
    fraction: String,
    exponent: Option<i32>,
    marks: (bool, bool),
}

const REACH: i32 = 60;

impl Written {
    fn literal(&self) -> String {
        let mut text = String::from(if self.negative { "-" } else { "" });
        text += &self.whole;
        if !self.fraction.is_empty() {
            text = text + "." + &self.fraction;
        }
        if let Some(exponent) = self.exponent {
            text += if self.marks.0 { "e" } else { "E" };
            text += if self.marks.1 && exponent >= 0 {
                "+"
            } else {
                ""
            };
            text += &exponent.to_string();
        }
        text
    }

    /// This number times 10^(2 * REACH) as 5 * REACH digits, and whether it is below zero.
    fn integer(&self) -> (bool, String) {
        let places = self.fraction.len() as i32 - self.exponent.unwrap_or(0);
        let zeros = (2 * REACH - places) as usize;
        let digits = format!("{}{}{}", self.whole, self.fraction, "0".repeat(zeros));
        let digits = format!("{digits:0>width$}", width = 5 * REACH as usize);
        (
            self.negative && digits.contains(|digit| digit != '0'),
            digits,
        )
    }

    fn compare(&self, other: &Written) -> Ordering {
        match (self.integer(), other.integer()) {
            ((false, mine), (false, theirs)) => mine.cmp(&theirs),
            ((true, mine), (true, theirs)) => theirs.cmp(&mine),
            ((true, _), _) => Ordering::Less,
            (_, (true, _)) => Ordering::Greater,
        }
    }
}

fn written() -> impl Strategy<Value = Written> {
    let whole = prop_oneof![
        Just("0".to_owned()),
        "[1-9][0-9]{0,3}",
        "[1-9]0{0,20}",
        "[1-9][0-9]{0,39}",
    ];
    let fraction = prop_oneof![
        Just(String::new()),
        "[0-9]{1,3}",
        "0{1,20}[0-9]?",
        "[0-9]{1,40}"
    ];
    let exponent = prop_oneof![
        Just(None),
        (-3..4i32).prop_map(Some),
        (-REACH..REACH).prop_map(Some)
    ];
    (
        any::<bool>(),
        whole,
        fraction,
        exponent,
        any::<(bool, bool)>(),
    )
        .prop_map(|(negative, whole, fraction, exponent, marks)| Written {
            negative,
            whole,
            fraction,
            exponent,
            marks,
        })
}

/// The same number written in another way.
fn respelled() -> impl Strategy<Value = (Written, Written)> {
    (written(), 0..8usize, 0..8i32).prop_map(|(number, zeros, shift)| {
        let mut other = number.clone();
        if other.fraction.len() + zeros <= 40 {
            other.fraction += &"0".repeat(zeros);
        }
        let shift = shift.min(other.fraction.len() as i32);
        let (moved, rest) = other.fraction.split_at(shift as usize);
        let whole = format!("{}{moved}", other.whole);
        let whole = whole.trim_start_matches('0');
        other.whole = if whole.is_empty() {
            "0".into()
        } else {
            whole.into()
        };
        other.fraction = rest.into();
        other.exponent = Some(other.exponent.unwrap_or(0) - shift);
        (number, other)
    })
}

fn hash(number: &Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

fn parse(number: &Written) -> Decimal {
    Decimal::parse(&number.literal()).expect("a JSON number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn order_is_that_of_the_numbers(a in written(), b in written()) {
        let (x, y) = (parse(&a), parse(&b));
        prop_assert_eq!(x.cmp(&y), a.compare(&b));
        prop_assert_eq!(x == y, a.compare(&b) == Ordering::Equal);
        prop_assert_eq!(x.is_negative(), a.integer().0);
    }

    #[test]
    fn spelling_makes_no_difference((a, b) in respelled()) {
        prop_assert_eq!(a.compare(&b), Ordering::Equal, "the test itself");
        let (x, y) = (parse(&a), parse(&b));
        prop_assert_eq!(&x, &y);
        prop_assert_eq!(x.cmp(&y), Ordering::Equal);
        prop_assert_eq!(hash(&x), hash(&y));
        prop_assert_eq!(x.to_string(), y.to_string());
    }

    #[test]
    fn groups_of_four_digits_are_the_number_that_they_spell(
        negative: bool,
        power in -40i64..40,
        groups in prop::collection::vec(prop_oneof![Just(0u16), 0u16..10_000], 0..8),
    ) {
        // As whole and as a power of ten: that of the last digit of the last group.
        let spelled: String = groups.iter().map(|group| format!("{group:04}")).collect();
        let digits = spelled.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        let exponent = 4 * (power + 1 - groups.len() as i64);
        let sign = if negative { "-" } else { "" };
        let number = Decimal::parse(&format!("{sign}{digits}e{exponent}")).expect("a number");
        let of_groups = Decimal::of_groups(negative, power, groups.into_iter());
        prop_assert_eq!(hash(&of_groups), hash(&number));
        prop_assert_eq!(of_groups, number);
    }

    #[test]
    fn printing_keeps_the_number(a in written()) {
        let number = parse(&a);
        let printed = number.to_string();
        prop_assert_eq!(&Decimal::parse(&printed), &Some(number));
        let literal: &serde_json::value::RawValue = serde_json::from_str(&printed).unwrap();
        prop_assert_eq!(literal.get(), printed.as_str());
    }

    #[test]
    fn whole_numbers_come_out_as_such(n in any::<u64>(), zeros in 0..30usize, a in written()) {
        let spelled = format!("{n}.{}", "0".repeat(zeros + 1));
        prop_assert_eq!(Decimal::parse(&spelled).unwrap().to_u64(), Some(n));
        let spelled = format!("{n}{}e-{zeros}", "0".repeat(zeros));
        prop_assert_eq!(Decimal::parse(&spelled).unwrap().to_u64(), Some(n));
        let (_, integer) = a.integer();
        let (whole, fraction) = integer.split_at(3 * REACH as usize);
        prop_assert_eq!(parse(&a).is_whole(), !fraction.contains(|digit| digit != '0'));
        let expected = whole.parse().ok().filter(|_| parse(&a).is_whole() && !a.integer().0);
        prop_assert_eq!(parse(&a).to_u64(), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,12}|\\PC{0,8}") {
        let valid = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok_and(|raw| {
            raw.get() == text && text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        });
        prop_assert_eq!(Decimal::parse(&text).is_some(), valid, "{}", text);
    }
}

#[test]
fn exponents_cost_no_memory() {
    let parse = |text| Decimal::parse(text).unwrap();
    assert!(parse("1e400") > parse("9e399"));
    assert!(parse("1e-400") < parse("1e-399"));
    assert!(parse("-1e400") < parse("-9e399"));
    assert!(parse("1e2147483648") > parse("9e2147483647"));
    assert!(parse("1e1000000000000000000").is_whole());
    assert_eq!(parse("1e1000000000000000000").to_u64(), None);
    assert_eq!(
        parse("10e999999999999999999").to_string(),
        "1e1000000000000000000"
    );
    assert_eq!(parse("0e99999999999999999999999"), parse("0"));
    assert_eq!(parse("-0.00").to_string(), "0");
    assert!(!parse("-0").is_negative());
    for absurd in [
        "1e99999999999999999999999",
        "1e-99999999999999999999999",
        "1e9223372036854775807",
    ] {
        assert_eq!(Decimal::parse(absurd), None, "{absurd}");
    }
}

#[test]
fn canonical_forms() {
    for (written, printed) in [
        ("1.0", "1"),
        ("10e-1", "1"),
        ("-0.50", "-0.5"),
        ("1e3", "1000"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("123456789012345678901.5", "123456789012345678901.5"),
        ("1234567890123456789012.5", "1.2345678901234567890125e21"),
        ("1e400", "1e400"),
        ("12.5e-400", "1.25e-399"),
    ] {
        assert_eq!(Decimal::parse(written).unwrap().to_string(), printed);
    }
}

/// Sums against whole numbers of thousandths.
fn thousandths(number: i64) -> Decimal {
    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let text = format!("{sign}{}.{:03}", size / 1000, size % 1000);
    Decimal::parse(&text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn sums_are_those_of_the_numbers(a in -20_000_000i64..20_000_000, b in -20_000_000i64..20_000_000, scale in -40i32..40) {
        prop_assert_eq!(thousandths(a).plus(&thousandths(b)), thousandths(a + b));
        prop_assert_eq!(thousandths(a).plus(&thousandths(a).negated()), Decimal::zero());
        // At any size.
        let scaled = |n: i64| Decimal::parse(&format!("{n}e{scale}")).unwrap();
        prop_assert_eq!(scaled(a).plus(&scaled(b)), scaled(a + b));
        // What is far below the other is not lost.
        let far = Decimal::parse("1e-300").unwrap();
        prop_assert_eq!(scaled(a).plus(&far).plus(&scaled(a).negated()), far);
    }
}

#[test]
fn numbers_that_can_be_calculated_with() {
    let is = |text: &str| Decimal::parse(text).unwrap().is_numeric();
    assert!(is("0") && is("1e131071") && is("-9e131071") && is("1e-16383") && is("1.000e-16383"));
    assert!(!is("1e131072") && !is("1e-16384") && !is("1.5e-16383") && !is("1e1000000000"));
}
