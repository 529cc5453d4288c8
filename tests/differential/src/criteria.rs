//! Criteria and the values of properties, as histories are made of them; and how they are written
//! as JSON. What they mean is said in `model/truth.rs`.

use crate::instant::{DAY, HOUR, SECOND};

/// A node of criteria.
#[derive(Clone, Debug)]
pub enum Tree {
    Property {
        property: &'static str,
        operator: &'static str,
        /// None for `exists` and `not_exists`.
        value: Option<Value>,
    },
    Event {
        event: &'static str,
        check: Check,
        within: Option<Window>,
    },
    Composite {
        operator: &'static str,
        conditions: Vec<Tree>,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum Check {
    Exists,
    NotExists,
    /// A count without a bound: at least one.
    Count,
    Bound(&'static str, usize),
}

/// A window: how long it is, and one of the ways to write that.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub span: i64,
    pub spelling: usize,
}

pub const SPELLINGS: usize = 4;

/// A value of JSON.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'static str),
    Text(&'static str),
    List(Vec<Value>),
}

impl Tree {
    pub fn json(&self) -> String {
        match self {
            Tree::Property {
                property,
                operator,
                value,
            } => {
                let value = value.as_ref();
                let value = value.map_or(String::new(), |v| format!(r#","value":{}"#, v.json()));
                format!(
                    r#"{{"type":"property","property":"{property}","operator":"{operator}"{value}}}"#
                )
            }
            Tree::Event {
                event,
                check,
                within,
            } => {
                let check = match check {
                    Check::Exists => r#""check":"exists""#.to_owned(),
                    Check::NotExists => r#""check":"not_exists""#.to_owned(),
                    Check::Count => r#""check":"count""#.to_owned(),
                    Check::Bound(operator, value) => {
                        format!(r#""check":"count","operator":"{operator}","value":{value}"#)
                    }
                };
                let within = within.map_or(String::new(), |w| format!(r#","within":{}"#, w.json()));
                format!(r#"{{"type":"event","eventName":"{event}",{check}{within}}}"#)
            }
            Tree::Composite {
                operator,
                conditions,
            } => {
                let conditions: Vec<String> = conditions.iter().map(Tree::json).collect();
                format!(
                    r#"{{"type":"composite","operator":"{operator}","conditions":[{}]}}"#,
                    conditions.join(",")
                )
            }
        }
    }

    /// Whether the definition is more than negations.
    pub fn is_positive(&self) -> bool {
        match self {
            Tree::Property { operator, .. } => !matches!(*operator, "neq" | "not_exists"),
            Tree::Event { check, within, .. } => {
                !matches!(check, Check::NotExists) || within.is_some()
            }
            Tree::Composite { conditions, .. } => conditions.iter().any(Tree::is_positive),
        }
    }

    /// The same criteria with every window written in the next of the possible ways.
    pub fn respelled(&self) -> Tree {
        let mut tree = self.clone();
        match &mut tree {
            Tree::Property { .. } => {}
            Tree::Event { within, .. } => {
                if let Some(window) = within {
                    window.spelling = (window.spelling + 1) % SPELLINGS;
                }
            }
            Tree::Composite { conditions, .. } => {
                conditions.iter_mut().for_each(|c| *c = c.respelled());
            }
        }
        tree
    }
}

impl Window {
    fn json(&self) -> String {
        let seconds = |span: i64| format!("{}.{:06}", span / SECOND, span % SECOND);
        match self.spelling {
            0 => format!(r#"{{"seconds":{}}}"#, seconds(self.span)),
            1 => format!(
                r#"{{"hours":{},"seconds":{}}}"#,
                self.span / HOUR,
                seconds(self.span % HOUR)
            ),
            2 => format!(
                r#"{{"seconds":{},"days":{}}}"#,
                seconds(self.span % DAY),
                self.span / DAY
            ),
            _ => format!(r#""{} seconds""#, seconds(self.span)),
        }
    }
}

impl Value {
    pub fn json(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => (*n).into(),
            Value::Text(t) => format!(r#""{t}""#),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(Value::json).collect();
                format!("[{}]", values.join(","))
            }
        }
    }
}
