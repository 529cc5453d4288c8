//! Legs about properties.

use super::super::hints::quote;
use super::super::json::{self, Kind};
use super::super::{Condition, PropertyLeg, PropertyTest, Scalar};
use super::walk::{Node, Walk};
use crate::decimal::Decimal;

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
}

const OPERATORS: [(&str, Operator); 9] = [
    ("eq", Operator::Eq),
    ("neq", Operator::Neq),
    ("gt", Operator::Gt),
    ("gte", Operator::Gte),
    ("lt", Operator::Lt),
    ("lte", Operator::Lte),
    ("exists", Operator::Exists),
    ("not_exists", Operator::NotExists),
    ("contains", Operator::Contains),
];

/// Whether a property leg, however wrong otherwise, only says what must not be.
pub(super) fn is_negation(node: &Node) -> bool {
    matches!(node.text("operator").as_deref(), Some("neq" | "not_exists"))
}

impl<'a> Walk<'a> {
    pub(super) fn property_leg(&mut self, node: &Node<'a>) -> Option<Condition> {
        self.check_keys(node, "property", &["type", "property", "operator", "value"]);
        let name = self.name(node, "property", "a condition on a property");
        let operator = self.choice(node, "operator", "a condition on a property", &OPERATORS);
        let test = operator.and_then(|operator| self.property_test(node, operator));
        let (name, test) = (name?, test?);
        Some(Condition::Property(PropertyLeg {
            property: self.property_index(name),
            test,
        }))
    }

    fn property_test(&mut self, node: &Node<'a>, operator: Operator) -> Option<PropertyTest> {
        Some(match operator {
            Operator::Exists | Operator::NotExists => {
                let value = node.field("value");
                if let Some(raw) = value.filter(|raw| json::kind(raw.get()) != Some(Kind::Null)) {
                    self.problem_in(
                        "value",
                        self.offset(raw),
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
            Operator::Eq => PropertyTest::Eq(self.scalar(node, "eq")?),
            Operator::Neq => PropertyTest::Neq(self.scalar(node, "neq")?),
            Operator::Contains => PropertyTest::Contains(self.scalar(node, "contains")?),
            Operator::Gt => PropertyTest::Gt(self.number(node, "gt")?),
            Operator::Gte => PropertyTest::Gte(self.number(node, "gte")?),
            Operator::Lt => PropertyTest::Lt(self.number(node, "lt")?),
            Operator::Lte => PropertyTest::Lte(self.number(node, "lte")?),
        })
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
