//! Markup in the making.

use std::fmt::{Display, Write};

/// A part of a page. What is markup stands in this program ([`Html::raw`] takes nothing else);
/// whatever comes from a database becomes text.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup, as it is written here.
    pub fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// Text, whatever is in it; also between the quotation marks of an attribute.
    pub fn text(&mut self, text: &str) -> &mut Html {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c if is_unseen(c) => self.put(format_args!("[U+{:04X}]", u32::from(c))),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Text that somebody else chose, which may run from right to left: it does not turn round what
    /// stands beside it.
    pub fn name(&mut self, text: &str) -> &mut Html {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// A number as it is.
    pub fn number(&mut self, number: i64) -> &mut Html {
        self.put(number);
        self
    }

    pub fn into_string(self) -> String {
        self.0
    }

    fn put(&mut self, what: impl Display) {
        // Nothing fails that writes to memory.
        let _ = write!(self.0, "{what}");
    }
}

/// Characters that show nothing and would change how others are shown, or be no character of a page:
/// control characters, and those that open and close a direction of writing. (An opened one would end
/// with the text, but one that closes what it did not open ends the isolation that [`Html::name`] begins.)
fn is_unseen(c: char) -> bool {
    let is_space = matches!(c, '\t' | '\n');
    (c.is_control() && !is_space) || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// As a content security policy names what stands in the page: the digest, in base 64.
pub(super) fn policy_hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut coded = String::from("sha256-");
    for three in crate::sha256::digest(text.as_bytes()).chunks(3) {
        let bits = three
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize % 64];
            coded.push(if place <= three.len() {
                digit.into()
            } else {
                '='
            });
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_in_base_64() {
        // echo -n abc | openssl dgst -sha256 -binary | base64
        assert_eq!(
            policy_hash("abc"),
            "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        let mut html = Html::default();
        html.name("a\u{202E}<b>\u{2069}\u{1}\n'\"&🦔\u{200F}ש");
        assert_eq!(
            html.into_string(),
            "<bdi>a[U+202E]&lt;b&gt;[U+2069][U+0001]\n&#39;&quot;&amp;🦔\u{200F}ש</bdi>"
        );
    }
}
