//! What a leg asks of one value, whoever's it is.

use crate::criteria::canonical::Writer;
use crate::criteria::hints::quote;
use crate::criteria::json::{self, Kind};
use crate::criteria::list::{List, MAX_LIST};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::value::{PropertyValue, Scalar};
use crate::criteria::words::{self, number, scalar};
use crate::decimal::Decimal;
use serde_json::value::RawValue;
use std::cmp::Ordering;

/// What must hold of a value, or of there being none. Values of another type than asked for are
/// never equal, never in order and contain nothing.
#[derive(Clone, Debug)]
pub enum PropertyTest {
    /// Present and not null.
    Exists,
    /// Absent or null.
    NotExists,
    /// The same type and value.
    Eq(Scalar),
    /// Anything but that, absence included.
    Neq(Scalar),
    /// A number beyond the given one.
    Gt(Decimal),
    /// A number not below the given one.
    Gte(Decimal),
    /// A number below the given one.
    Lt(Decimal),
    /// A number not beyond the given one.
    Lte(Decimal),
    /// A string with the given one in it, or an array with an equal element.
    Contains(Scalar),
    /// One of the list.
    In(Box<List>),
    /// Anything but those, absence included.
    NotIn(Box<List>),
    /// A string that begins with the given one.
    StartsWith(String),
    /// A string that ends with the given one.
    EndsWith(String),
    /// An array with an element that is one of the list.
    ContainsAny(Box<List>),
    /// An array with all of the list among its elements.
    ContainsAll(Box<List>),
    /// Anything but an array with one of the list, absence included.
    ContainsNone(Box<List>),
}

/// The operators of a property leg before their value is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Exists,
    NotExists,
    Contains,
    In,
    NotIn,
    StartsWith,
    EndsWith,
    ContainsAny,
    ContainsAll,
    ContainsNone,
}

const OPERATORS: [(&str, Operator); 16] = [
    ("eq", Operator::Eq),
    ("neq", Operator::Neq),
    ("gt", Operator::Gt),
    ("gte", Operator::Gte),
    ("lt", Operator::Lt),
    ("lte", Operator::Lte),
    ("exists", Operator::Exists),
    ("not_exists", Operator::NotExists),
    ("contains", Operator::Contains),
    ("in", Operator::In),
    ("not_in", Operator::NotIn),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
    ("contains_any", Operator::ContainsAny),
    ("contains_all", Operator::ContainsAll),
    ("contains_none", Operator::ContainsNone),
];

/// Whether a property leg that is to be as `asked`, however wrong otherwise, only says what must not be.
pub(super) fn is_negation(node: &Node, asked: bool) -> bool {
    match node.text("operator").as_deref() {
        Some("neq" | "not_exists" | "not_in" | "contains_none") => asked,
        Some("eq" | "exists" | "in" | "contains_any") => !asked,
        _ => false,
    }
}

impl PropertyTest {
    /// Reads operator and value.
    pub(in crate::criteria) fn read<'a>(
        walk: &mut Walk<'a>,
        node: &Node<'a>,
    ) -> Option<PropertyTest> {
        let operator = walk.choice(node, "operator", "a condition on a property", &OPERATORS)?;
        Some(match operator {
            Operator::Exists | Operator::NotExists => {
                let value = node.field("value");
                if let Some(raw) = value.filter(|raw| json::kind(raw.get()) != Some(Kind::Null)) {
                    walk.problem_in(
                        "value",
                        walk.offset(raw),
                        "the operators \"exists\" and \"not_exists\" take no value",
                        "remove \"value\", or use \"eq\" to compare with it",
                    );
                    return None;
                }
                match operator {
                    Operator::Exists => PropertyTest::Exists,
                    _ => PropertyTest::NotExists,
                }
            }
            Operator::Eq => PropertyTest::Eq(walk.scalar(node, "eq")?),
            Operator::Neq => PropertyTest::Neq(walk.scalar(node, "neq")?),
            Operator::Contains => PropertyTest::Contains(walk.scalar(node, "contains")?),
            Operator::In => PropertyTest::In(walk.list(node, "in")?),
            Operator::NotIn => PropertyTest::NotIn(walk.list(node, "not_in")?),
            Operator::StartsWith => PropertyTest::StartsWith(walk.text(node, "starts_with")?),
            Operator::EndsWith => PropertyTest::EndsWith(walk.text(node, "ends_with")?),
            Operator::ContainsAny => PropertyTest::ContainsAny(walk.list(node, "contains_any")?),
            Operator::ContainsAll => PropertyTest::ContainsAll(walk.list(node, "contains_all")?),
            Operator::ContainsNone => PropertyTest::ContainsNone(walk.list(node, "contains_none")?),
            Operator::Gt => PropertyTest::Gt(walk.number(node, "gt")?),
            Operator::Gte => PropertyTest::Gte(walk.number(node, "gte")?),
            Operator::Lt => PropertyTest::Lt(walk.number(node, "lt")?),
            Operator::Lte => PropertyTest::Lte(walk.number(node, "lte")?),
        })
    }

    /// Writes operator and value in the canonical form.
    pub(in crate::criteria) fn write(&self, into: &mut Writer) {
        match self {
            PropertyTest::Exists => into.operator("exists"),
            PropertyTest::NotExists => into.operator("not_exists"),
            PropertyTest::Eq(value) => into.scalar("eq", value),
            PropertyTest::Neq(value) => into.scalar("neq", value),
            PropertyTest::Contains(value) => into.scalar("contains", value),
            PropertyTest::Gt(number) => into.compared("gt", number),
            PropertyTest::Gte(number) => into.compared("gte", number),
            PropertyTest::Lt(number) => into.compared("lt", number),
            PropertyTest::Lte(number) => into.compared("lte", number),
            PropertyTest::In(list) => into.compared("in", list.json()),
            PropertyTest::NotIn(list) => into.compared("not_in", list.json()),
            PropertyTest::StartsWith(text) => into.text_compared("starts_with", text),
            PropertyTest::EndsWith(text) => into.text_compared("ends_with", text),
            PropertyTest::ContainsAny(list) => into.compared("contains_any", list.json()),
            PropertyTest::ContainsAll(list) => into.compared("contains_all", list.json()),
            PropertyTest::ContainsNone(list) => into.compared("contains_none", list.json()),
        }
    }

    /// Whether a value (or that there is none) is what is asked for.
    pub fn passes(&self, value: Option<&PropertyValue>) -> bool {
        use PropertyValue::{Null, Number};
        let ordering = |than| match value {
            Some(Number(number)) => Some(number.cmp(than)),
            _ => None,
        };
        match self {
            PropertyTest::Exists => !matches!(value, None | Some(Null)),
            PropertyTest::NotExists => matches!(value, None | Some(Null)),
            PropertyTest::Eq(scalar) => value.is_some_and(|value| scalar.equals(value)),
            PropertyTest::Neq(scalar) => !value.is_some_and(|value| scalar.equals(value)),
            PropertyTest::Gt(than) => ordering(than) == Some(Ordering::Greater),
            PropertyTest::Gte(than) => ordering(than).is_some_and(Ordering::is_ge),
            PropertyTest::Lt(than) => ordering(than) == Some(Ordering::Less),
            PropertyTest::Lte(than) => ordering(than).is_some_and(Ordering::is_le),
            PropertyTest::Contains(scalar) => {
                value.is_some_and(|value| scalar.is_contained_in(value))
            }
            _ => self.passes_list(value),
        }
    }

    /// The same of tests that take longer, apart from those that must be quick.
    #[inline(never)]
    fn passes_list(&self, value: Option<&PropertyValue>) -> bool {
        let text = || match value {
            Some(PropertyValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        match self {
            PropertyTest::In(list) => value.is_some_and(|value| list.has(value)),
            PropertyTest::NotIn(list) => !value.is_some_and(|value| list.has(value)),
            PropertyTest::StartsWith(start) => text().is_some_and(|t| t.starts_with(&**start)),
            PropertyTest::EndsWith(end) => text().is_some_and(|t| t.ends_with(&**end)),
            PropertyTest::ContainsAny(list) => value.is_some_and(|value| list.shares(value)),
            PropertyTest::ContainsAll(list) => value.is_some_and(|value| list.is_within(value)),
            PropertyTest::ContainsNone(list) => !value.is_some_and(|value| list.shares(value)),
            _ => false,
        }
    }

    /// What is asked, in words that follow the name of the property.
    pub fn words(&self) -> String {
        match self {
            PropertyTest::Exists => "is set".into(),
            PropertyTest::NotExists => "is not set".into(),
            PropertyTest::Eq(value) => format!("is {}", scalar(value)),
            PropertyTest::Neq(value) => format!("is not {}", scalar(value)),
            PropertyTest::Gt(value) => format!("is more than {}", number(value)),
            PropertyTest::Gte(value) => format!("is at least {}", number(value)),
            PropertyTest::Lt(value) => format!("is less than {}", number(value)),
            PropertyTest::Lte(value) => format!("is at most {}", number(value)),
            PropertyTest::Contains(value) => format!("contains {}", scalar(value)),
            PropertyTest::In(list) => format!("is one of {}", list.in_words("or")),
            PropertyTest::NotIn(list) => format!("is none of {}", list.in_words("or")),
            PropertyTest::StartsWith(text) => format!("starts with {}", quote(text)),
            PropertyTest::EndsWith(text) => format!("ends with {}", quote(text)),
            PropertyTest::ContainsAny(list) => format!("contains any of {}", list.in_words("or")),
            PropertyTest::ContainsAll(list) => format!("contains all of {}", list.in_words("and")),
            PropertyTest::ContainsNone(list) => format!("contains none of {}", list.in_words("or")),
        }
    }

    /// The same shortly, where it is one condition among others: `> 50`, `= "DE"`, `is set`.
    pub(in crate::criteria) fn briefly(&self) -> String {
        match self {
            PropertyTest::Eq(value) => format!("= {}", scalar(value)),
            PropertyTest::Neq(value) => format!("≠ {}", scalar(value)),
            PropertyTest::Gt(value) => format!("> {}", number(value)),
            PropertyTest::Gte(value) => format!("≥ {}", number(value)),
            PropertyTest::Lt(value) => format!("< {}", number(value)),
            PropertyTest::Lte(value) => format!("≤ {}", number(value)),
            _ => self.words(),
        }
    }

    /// A value in words, with what is wrong about its type.
    pub fn observed(&self, value: &PropertyValue) -> String {
        let shown = words::value(value);
        match mismatch(self, value) {
            // Objects are not shown, but named by their type.
            Some((kind, wanted)) if shown == kind => format!("{kind}, {wanted}"),
            Some((kind, wanted)) => format!("{shown}: {kind}, {wanted}"),
            None => shown,
        }
    }
}

impl<'a> Walk<'a> {
    /// The value of an operator that compares with a string, a number or a boolean.
    fn scalar(&mut self, node: &Node<'a>, operator: &str) -> Option<Scalar> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": a string, a number or a boolean",
            );
            return None;
        };
        let hint = match json::kind(raw.get()) {
            Some(Kind::Bool) => return json::boolean(raw.get()).map(Scalar::Bool),
            Some(Kind::String) => return self.string_field("value", raw).map(Scalar::String),
            Some(Kind::Number) => return self.decimal("value", raw).map(Scalar::Number),
            Some(Kind::Null) => "use the operator \"exists\" or \"not_exists\" to ask for null",
            _ => {
                "compare with one string, number or boolean, or ask with \"exists\" whether \
                  there is any value"
            }
        };
        let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
        self.problem_in(
            "value",
            self.offset(raw),
            format!("\"value\" is {found} and must be a string, a number or a boolean"),
            hint,
        );
        None
    }

    /// The value of an operator that compares with a string.
    fn text(&mut self, node: &Node<'a>, operator: &str) -> Option<String> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": a string",
            );
            return None;
        };
        if json::kind(raw.get()) == Some(Kind::String) {
            return self.string_field("value", raw);
        }
        let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
        let message = format!(
            "the operator {} needs a string, not {found}",
            quote(operator)
        );
        self.problem_in(
            "value",
            self.offset(raw),
            message,
            "write it in quotation marks",
        );
        None
    }

    /// The value of an operator that compares with several values.
    fn list(&mut self, node: &Node<'a>, operator: &str) -> Option<Box<List>> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": an array of strings, of numbers or of booleans",
            );
            return None;
        };
        let at = self.offset(raw);
        let Some(items) = json::array(raw.get()) else {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            let message = format!(
                "the operator {} needs an array, not {found}",
                quote(operator)
            );
            self.problem_in("value", at, message, "put the values into [ ]");
            return None;
        };
        if items.is_empty() {
            let hint = "give at least one value, or remove the condition";
            self.problem_in("value", at, "\"value\" is an empty array", hint);
            return None;
        }
        if items.len() > MAX_LIST {
            self.problem_in(
                "value",
                at,
                format!(
                    "\"value\" has {} elements, more than {MAX_LIST}",
                    items.len()
                ),
                "mark users with a property of their own instead of listing so many values",
            );
            return None;
        }
        let mut values = Vec::with_capacity(items.len());
        let mut complete = true;
        let kind = items.first().and_then(|item| json::kind(item.get()));
        for (index, item) in items.into_iter().enumerate() {
            if self.is_stopped() {
                return None;
            }
            let element = format!("value[{index}]");
            match self.inside(&element, |walk| walk.element(item, kind)) {
                Some(value) => values.push(value),
                None => complete = false,
            }
        }
        List::new(values).filter(|_| complete).map(Box::new)
    }

    /// An element of a list whose first one is of that kind.
    fn element(&mut self, raw: &RawValue, first: Option<Kind>) -> Option<Scalar> {
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        let is_scalar = |kind| matches!(kind, Some(Kind::Bool | Kind::Number | Kind::String));
        let found = kind.map_or("not JSON", Kind::in_words);
        if !is_scalar(kind) {
            self.problem(
                at,
                format!("an element is {found} and must be a string, a number or a boolean"),
                "remove it, or ask about it in a condition of its own",
            );
            return None;
        }
        if is_scalar(first) && kind != first {
            let first = first.map_or("not JSON", Kind::in_words);
            self.problem(
                at,
                format!("an element is {found}, and the first one is {first}"),
                "give values of one type, and combine a condition for each type with \"or\"",
            );
            return None;
        }
        let value = match kind {
            Some(Kind::Bool) => json::boolean(raw.get()).map(Scalar::Bool),
            Some(Kind::Number) => Decimal::parse(raw.get()).map(Scalar::Number),
            _ => json::string(raw.get()).map(Scalar::String),
        };
        if value.is_none() {
            let (message, hint) = match kind {
                Some(Kind::Number) => (
                    "an element is out of range",
                    "give a number with a smaller exponent",
                ),
                _ => (
                    "an element is not a valid string",
                    "remove the escaped half of a surrogate pair",
                ),
            };
            self.problem(at, message, hint);
        }
        value
    }

    /// The value of an operator that compares with a number.
    fn number(&mut self, node: &Node<'a>, operator: &str) -> Option<Decimal> {
        let Some(raw) = node.field("value") else {
            self.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(operator)),
                "add \"value\": a number",
            );
            return None;
        };
        if json::kind(raw.get()) == Some(Kind::Number) {
            return self.decimal("value", raw);
        }
        let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
        let message = format!(
            "the operator {} needs a number, not {found}",
            quote(operator)
        );
        let hint = match json::string(raw.get()).as_deref().and_then(Decimal::parse) {
            Some(number) => format!("write {number} without quotation marks"),
            None => "give \"value\" a number, or compare with \"eq\"".to_owned(),
        };
        self.problem_in("value", self.offset(raw), message, hint);
        None
    }
}

/// The type of a value that is not of the type a test is about, and the type that would be.
fn mismatch(test: &PropertyTest, value: &PropertyValue) -> Option<(&'static str, String)> {
    let is = words::kind(value)?;
    let wanted = match test {
        PropertyTest::Exists | PropertyTest::NotExists => return None,
        PropertyTest::Eq(scalar) | PropertyTest::Neq(scalar) => words::scalar_kind(scalar),
        PropertyTest::Gt(_) | PropertyTest::Gte(_) | PropertyTest::Lt(_) | PropertyTest::Lte(_) => {
            "a number"
        }
        PropertyTest::Contains(_) if matches!(value, PropertyValue::Array(_)) => return None,
        PropertyTest::Contains(Scalar::String(_)) => match value {
            PropertyValue::String(_) => return None,
            _ => return Some((is, "neither a string nor an array".into())),
        },
        PropertyTest::In(list) | PropertyTest::NotIn(list) => list.kind(),
        PropertyTest::StartsWith(_) | PropertyTest::EndsWith(_) => "a string",
        PropertyTest::Contains(_)
        | PropertyTest::ContainsAny(_)
        | PropertyTest::ContainsAll(_)
        | PropertyTest::ContainsNone(_) => "an array",
    };
    (is != wanted).then(|| (is, format!("not {wanted}")))
}

/// Types of which a value may be, a bit each.
const ANY: u8 = 0b111;
const NUMBER: u8 = 0b001;
const STRING: u8 = 0b010;
const ARRAY: u8 = 0b100;

/// Of which types a value may be that passes the test, as far as others ask for a type, too.
fn kinds_of(test: &PropertyTest) -> u8 {
    match test {
        PropertyTest::Gt(_) | PropertyTest::Gte(_) | PropertyTest::Lt(_) | PropertyTest::Lte(_) => {
            NUMBER
        }
        PropertyTest::StartsWith(_) | PropertyTest::EndsWith(_) => STRING,
        PropertyTest::Contains(Scalar::String(_)) => STRING | ARRAY,
        PropertyTest::Contains(_) | PropertyTest::ContainsAny(_) | PropertyTest::ContainsAll(_) => {
            ARRAY
        }
        _ => ANY,
    }
}

/// Whether some value passes all of these tests, or may.
pub(super) fn can_pass(tests: &[&PropertyTest]) -> bool {
    let passes = |value: Option<&PropertyValue>| tests.iter().all(|t| t.passes(value));
    let mut least: Option<(&Decimal, bool)> = None;
    let mut most = least;
    for test in tests {
        match test {
            PropertyTest::Eq(scalar) => return passes(Some(&value_of(scalar))),
            PropertyTest::NotExists => return passes(None),
            PropertyTest::Gt(than) => least = least.max(Some((than, true))),
            PropertyTest::Gte(than) => least = least.max(Some((than, false))),
            PropertyTest::Lt(than) => most = lower(most, (than, true)),
            PropertyTest::Lte(than) => most = lower(most, (than, false)),
            PropertyTest::In(list) => {
                let mut values = list.values();
                return values.any(|value| passes(Some(&value)));
            }
            _ => {}
        }
    }
    if tests.iter().fold(ANY, |kinds, test| kinds & kinds_of(test)) == 0 {
        return false;
    }
    match (least, most) {
        (Some((least, _)), Some((most, _))) if least > most => false,
        (Some((least, _)), Some((most, _))) if least == most => {
            passes(Some(&PropertyValue::Number(least.clone())))
        }
        _ => true,
    }
}

/// The stricter of two upper bounds; of equal ones the one that leaves the bound itself out.
fn lower<'d, T: Ord>(one: Option<(&'d T, bool)>, other: (&'d T, bool)) -> Option<(&'d T, bool)> {
    match one {
        Some(one) if (one.0, !one.1) <= (other.0, !other.1) => Some(one),
        _ => Some(other),
    }
}

fn value_of(scalar: &Scalar) -> PropertyValue {
    match scalar {
        Scalar::Bool(value) => PropertyValue::Bool(*value),
        Scalar::Number(value) => PropertyValue::Number(value.clone()),
        Scalar::String(value) => PropertyValue::String(value.clone()),
    }
}
