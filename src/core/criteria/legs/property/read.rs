//! From a document to what is asked of a value.

use super::folded::Folded;
use super::pattern::Pattern;
use super::value_test::PropertyTest;
use crate::criteria::fold::fold;
use crate::criteria::hints::quote;
use crate::criteria::json::{self, Kind};
use crate::criteria::legs::date::{self, Asked, DateTest, Named};
use crate::criteria::list::{List, MAX_LIST, Values};
use crate::criteria::moment::Unit;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::value::Scalar;
use crate::criteria::words::scalar_kind;
use crate::decimal::Decimal;
use serde_json::value::RawValue;

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
    Matches,
    ContainsAny,
    ContainsAll,
    ContainsNone,
    Time(Asked),
}

const fn time(number: usize) -> (&'static str, Operator) {
    let (name, asked) = date::operators()[number];
    (name, Operator::Time(asked))
}

const OPERATORS: [(&str, Operator); 25] = [
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
    ("matches", Operator::Matches),
    ("contains_any", Operator::ContainsAny),
    ("contains_all", Operator::ContainsAll),
    ("contains_none", Operator::ContainsNone),
    time(0),
    time(1),
    time(2),
    time(3),
    time(4),
    time(5),
    time(6),
    time(7),
];

/// The operators that compare strings, so that there is case to be ignored.
const OF_STRINGS: [Operator; 8] = [
    Operator::Eq,
    Operator::Neq,
    Operator::Contains,
    Operator::In,
    Operator::NotIn,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Matches,
];

/// Whether a property leg that is to be as `asked`, however wrong otherwise, only says what must not be.
pub(in crate::criteria::legs) fn is_negation(node: &Node, asked: bool) -> bool {
    match node.text("operator").as_deref() {
        Some("neq" | "not_exists" | "not_in" | "contains_none") => asked,
        Some("eq" | "exists" | "in" | "contains_any") => !asked,
        _ => false,
    }
}

/// What is asked of a value.
pub(in crate::criteria) enum AskedOfValue {
    /// What it is.
    Value(PropertyTest),
    /// When that is, which it says.
    Time {
        test: DateTest,
        zone: Named,
        unit: Unit,
    },
}

impl AskedOfValue {
    /// Reads operator and value, and how both are to be understood.
    pub(in crate::criteria) fn read<'a>(
        walk: &mut Walk<'a>,
        node: &Node<'a>,
    ) -> Option<AskedOfValue> {
        let operator = walk.choice(node, "operator", "a condition on a property", &OPERATORS)?;
        let ignore_case = walk.ignore_case(node, operator);
        if let Operator::Time(asked) = operator {
            let zone = walk.any_zone(node);
            let unit = walk.unit(node);
            let test = asked.read(walk, node, zone.as_ref());
            ignore_case?;
            return Some(AskedOfValue::Time {
                test: test?,
                zone: zone?,
                unit: unit?,
            });
        }
        let is_timeless = walk.no_time(node, operator);
        let test = PropertyTest::read(walk, node, operator, ignore_case)?;
        is_timeless.then_some(AskedOfValue::Value(test))
    }
}

impl PropertyTest {
    /// Reads the value, and whether the case of letters counts.
    fn read<'a>(
        walk: &mut Walk<'a>,
        node: &Node<'a>,
        operator: Operator,
        ignore_case: Option<bool>,
    ) -> Option<PropertyTest> {
        if operator == Operator::Matches {
            let text = walk.text(node, "matches")?;
            return walk.pattern(node, Pattern::new(text, ignore_case?));
        }
        let test = PropertyTest::of(walk, node, operator)?;
        if !ignore_case? {
            return Some(test);
        }
        let folded = test.folded();
        if let Err(kind) = folded {
            let at = node
                .field("ignoreCase")
                .map_or(node.at, |raw| walk.offset(raw));
            walk.problem_in(
                "ignoreCase",
                at,
                format!("\"ignoreCase\" means nothing for {kind}"),
                "compare with a string, or remove \"ignoreCase\"",
            );
        }
        folded.ok().map(Box::new).map(PropertyTest::Folded)
    }

    /// The same whatever the case, or the type that has none.
    fn folded(self) -> Result<Folded, &'static str> {
        let list = |list: &List| list.folded().ok_or(list.kind());
        let text = |scalar: &Scalar| match scalar {
            Scalar::String(text) => Ok(fold(text).into_owned()),
            other => Err(scalar_kind(other)),
        };
        Ok(match &self {
            PropertyTest::Eq(value) => Folded::Eq(text(value)?),
            PropertyTest::Neq(value) => Folded::Neq(text(value)?),
            PropertyTest::Contains(value) => Folded::Contains(text(value)?),
            PropertyTest::In(values) => Folded::In(list(values)?),
            PropertyTest::NotIn(values) => Folded::NotIn(list(values)?),
            PropertyTest::StartsWith(text) => Folded::StartsWith(fold(text).into_owned()),
            PropertyTest::EndsWith(text) => Folded::EndsWith(fold(text).into_owned()),
            _ => return Err("this operator"),
        })
    }

    fn of<'a>(walk: &mut Walk<'a>, node: &Node<'a>, operator: Operator) -> Option<PropertyTest> {
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
            Operator::Matches | Operator::Time(_) => return None,
            Operator::ContainsAny => PropertyTest::ContainsAny(walk.list(node, "contains_any")?),
            Operator::ContainsAll => PropertyTest::ContainsAll(walk.list(node, "contains_all")?),
            Operator::ContainsNone => PropertyTest::ContainsNone(walk.list(node, "contains_none")?),
            Operator::Gt => PropertyTest::Gt(walk.number(node, "gt")?),
            Operator::Gte => PropertyTest::Gte(walk.number(node, "gte")?),
            Operator::Lt => PropertyTest::Lt(walk.number(node, "lt")?),
            Operator::Lte => PropertyTest::Lte(walk.number(node, "lte")?),
        })
    }
}

fn name_of(operator: Operator) -> &'static str {
    let mut all = OPERATORS.iter();
    all.find(|(_, other)| *other == operator)
        .map_or("", |(name, _)| name)
}

impl<'a> Walk<'a> {
    /// Whether nothing is said of how a time is to be understood, where none is; reports what is.
    fn no_time(&mut self, node: &Node<'a>, operator: Operator) -> bool {
        let said = ["zone", "unit"].map(|field| (field, node.field(field)));
        for (field, raw) in said {
            let Some(raw) = raw else { continue };
            let message = format!(
                "{} means nothing for the operator {}",
                quote(field),
                quote(name_of(operator))
            );
            self.problem_in(field, self.offset(raw), message, "remove it");
        }
        said.iter().all(|(_, raw)| raw.is_none())
    }

    /// Whether the case of letters does not count; `None` where what is said of it is wrong.
    fn ignore_case(&mut self, node: &Node<'a>, operator: Operator) -> Option<bool> {
        let Some(raw) = node.field("ignoreCase") else {
            return Some(false);
        };
        let at = self.offset(raw);
        if !OF_STRINGS.contains(&operator) {
            let name = name_of(operator);
            self.problem_in(
                "ignoreCase",
                at,
                format!(
                    "\"ignoreCase\" means nothing for the operator {}",
                    quote(name)
                ),
                "remove it",
            );
            return None;
        }
        let ignore_case = json::boolean(raw.get());
        if ignore_case.is_none() {
            let found = json::kind(raw.get()).map_or("not JSON", Kind::in_words);
            self.problem_in(
                "ignoreCase",
                at,
                format!("\"ignoreCase\" is {found} and must be true or false"),
                "write true or false without quotation marks",
            );
        }
        ignore_case
    }

    /// The pattern, unless something is wrong with it.
    fn pattern(&mut self, node: &Node<'a>, pattern: Pattern) -> Option<PropertyTest> {
        if !self.trusted
            && let Some(fault) = pattern.fault()
        {
            let at = node.field("value").map_or(node.at, |raw| self.offset(raw));
            let message = format!(
                "the regular expression is wrong at character {}: {}",
                fault.character, fault.message
            );
            self.problem_in("value", at, message, fault.hint);
            return None;
        }
        Some(PropertyTest::Matches(Box::new(pattern)))
    }

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
        if let Some(list) = self.taken_out(at) {
            return Some(Box::new(list));
        }
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
        let mut values = Values::with_capacity(raw.get().len());
        let mut complete = true;
        let kind = items.first().and_then(|item| json::kind(item.get()));
        for (index, item) in items.into_iter().enumerate() {
            if self.is_stopped() {
                return None;
            }
            let element = format!("value[{index}]");
            match self.inside(&element, |walk| walk.element(item, kind)) {
                Some(Scalar::Bool(value)) => values.boolean(value),
                Some(Scalar::Number(value)) => values.number(&value),
                Some(Scalar::String(value)) => values.string(&value),
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
