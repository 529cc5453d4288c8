//! Comparisons of strings whatever the case of their letters.

use crate::criteria::canonical::Writer;
use crate::criteria::fold::fold;
use crate::criteria::hints::quote;
use crate::criteria::list::List;
use crate::criteria::value::PropertyValue;
use std::borrow::Cow;

/// What must hold of a value. What is compared with is folded already.
#[derive(Clone, Debug)]
pub enum Folded {
    /// The same string.
    Eq(String),
    /// Anything but that, absence included.
    Neq(String),
    /// A string with the given one in it, or an array with it as an element.
    Contains(String),
    /// A string that begins with the given one.
    StartsWith(String),
    /// A string that ends with the given one.
    EndsWith(String),
    /// One of the list.
    In(List),
    /// Anything but those, absence included.
    NotIn(List),
}

impl Folded {
    /// Whether a value (or that there is none) is what is asked for.
    pub(super) fn passes(&self, value: Option<&PropertyValue>) -> bool {
        let text = value.and_then(folded);
        let passes = |test: &dyn Fn(&str) -> bool| text.as_deref().is_some_and(test);
        match self {
            Folded::Eq(wanted) => passes(&|text| text == wanted),
            Folded::Neq(wanted) => !passes(&|text| text == wanted),
            Folded::StartsWith(start) => passes(&|text| text.starts_with(&**start)),
            Folded::EndsWith(end) => passes(&|text| text.ends_with(&**end)),
            Folded::In(list) => passes(&|text| list.has_text(text)),
            Folded::NotIn(list) => !passes(&|text| list.has_text(text)),
            Folded::Contains(part) => match value {
                Some(PropertyValue::Array(items)) => {
                    let mut items = items.iter().filter_map(folded);
                    items.any(|item| item == **part)
                }
                _ => passes(&|text| text.contains(&**part)),
            },
        }
    }

    pub(super) fn write(&self, into: &mut Writer) {
        match self {
            Folded::Eq(text) => into.text_compared("eq", text),
            Folded::Neq(text) => into.text_compared("neq", text),
            Folded::Contains(text) => into.text_compared("contains", text),
            Folded::StartsWith(text) => into.text_compared("starts_with", text),
            Folded::EndsWith(text) => into.text_compared("ends_with", text),
            Folded::In(list) => into.compared("in", list.json()),
            Folded::NotIn(list) => into.compared("not_in", list.json()),
        }
        into.raw("ignoreCase", true);
    }

    pub(super) fn words(&self) -> String {
        let asked = match self {
            Folded::Eq(text) => format!("is {}", quote(text)),
            Folded::Neq(text) => format!("is not {}", quote(text)),
            Folded::Contains(text) => format!("contains {}", quote(text)),
            Folded::StartsWith(text) => format!("starts with {}", quote(text)),
            Folded::EndsWith(text) => format!("ends with {}", quote(text)),
            Folded::In(list) => format!("is one of {}", list.in_words("or")),
            Folded::NotIn(list) => format!("is none of {}", list.in_words("or")),
        };
        format!("{asked} (ignoring case)")
    }
}

/// The string that a value is.
fn folded(value: &PropertyValue) -> Option<Cow<'_, str>> {
    match value {
        PropertyValue::String(text) => Some(fold(text)),
        _ => None,
    }
}
