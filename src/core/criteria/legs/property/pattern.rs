//! Regular expressions.
//!
//! Of the linear-time kind: whatever the text, no more is done than so much for each of its characters. A pattern is
//! compiled when it is first needed, because a session may have many that it never needs.

use crate::criteria::canonical::Writer;
use crate::criteria::hints::quote;
use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{self, Ast, Span};
use std::sync::OnceLock;

/// How many bytes the text of a pattern may have.
pub const MAX_PATTERN: usize = 10_000;
/// How many bytes a compiled pattern may take, and what it keeps while it works as many once more.
const MAX_COMPILED: usize = 1 << 19;
const MAX_KEPT: usize = 1 << 18;
/// How deep groups may be nested.
const MAX_NESTING: u32 = 50;

/// A regular expression that was found to be good.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    ignore_case: bool,
    compiled: OnceLock<Option<Box<Regex>>>,
}

/// What is wrong with a pattern.
pub(super) struct Fault {
    /// At which of its characters, from 1 on.
    pub character: usize,
    pub message: String,
    pub hint: &'static str,
}

/// What to do about a pattern that does not parse, and about one that is too large.
const UNREADABLE: &str = "put a backslash before characters that stand for themselves; there are no \
                          back-references, and nothing looks ahead or back";
const TOO_LARGE: &str = "repeat fewer times, or name fewer characters";

impl Pattern {
    pub(super) fn new(text: String, ignore_case: bool) -> Pattern {
        Pattern {
            text: text.into(),
            ignore_case,
            compiled: OnceLock::new(),
        }
    }

    /// What is wrong with it, if anything is.
    pub(super) fn fault(&self) -> Option<Fault> {
        let fault = |offset: usize, message: String, hint| Fault {
            character: self
                .text
                .get(..offset)
                .map_or(0, |text| text.chars().count())
                + 1,
            message,
            hint,
        };
        if self.text.len() > MAX_PATTERN {
            let message = format!("it has more than {MAX_PATTERN} bytes");
            let end = self.text.floor_char_boundary(MAX_PATTERN);
            return Some(fault(end, message, TOO_LARGE));
        }
        let mut parser = regex_syntax::ParserBuilder::new();
        parser
            .nest_limit(MAX_NESTING)
            .case_insensitive(self.ignore_case);
        let unreadable = match parser.build().parse(&self.text) {
            Err(regex_syntax::Error::Parse(error)) => {
                Some((*error.span(), error.kind().to_string()))
            }
            Err(regex_syntax::Error::Translate(error)) => {
                Some((*error.span(), error.kind().to_string()))
            }
            _ => None,
        };
        if let Some((span, message)) = unreadable {
            return Some(fault(span.start.offset, message, UNREADABLE));
        }
        if compile(&self.text, self.ignore_case).is_some() {
            return None;
        }
        let at = ast::parse::Parser::new().parse(&self.text).ok();
        let at = at.map_or(0, |ast| self.largest(&ast).start.offset);
        Some(fault(at, "it is too large".into(), TOO_LARGE))
    }

    /// Where the innermost part is that is too large by itself.
    fn largest(&self, ast: &Ast) -> Span {
        let is_too_large = |part: &&Ast| {
            let span = part.span();
            let text = self.text.get(span.start.offset..span.end.offset);
            // A part that is nothing by itself, such as a flag, is not what makes it large.
            text.is_some_and(|text| {
                regex_syntax::parse(text).is_ok() && compile(text, self.ignore_case).is_none()
            })
        };
        let mut largest = ast;
        loop {
            let parts = match largest {
                Ast::Repetition(repetition) => std::slice::from_ref(&*repetition.ast),
                Ast::Group(group) => std::slice::from_ref(&*group.ast),
                Ast::Alternation(alternation) => &alternation.asts,
                Ast::Concat(concat) => &concat.asts,
                _ => &[],
            };
            match parts.iter().find(is_too_large) {
                Some(part) => largest = part,
                None => return *largest.span(),
            }
        }
    }

    /// Whether it finds anything in the text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let compiled = self
            .compiled
            .get_or_init(|| compile(&self.text, self.ignore_case).map(Box::new));
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    pub(super) fn write(&self, into: &mut Writer) {
        into.text_compared("matches", &self.text);
        if self.ignore_case {
            into.raw("ignoreCase", true);
        }
    }

    pub(super) fn words(&self) -> String {
        let ignoring = if self.ignore_case {
            " (ignoring case)"
        } else {
            ""
        };
        format!("matches {}{ignoring}", quote(&self.text))
    }
}

/// `None` where it would be too large.
fn compile(text: &str, ignore_case: bool) -> Option<Regex> {
    RegexBuilder::new(text)
        .case_insensitive(ignore_case)
        .nest_limit(MAX_NESTING)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_KEPT)
        .build()
        .ok()
}
