//! Upper and lower case as one: Unicode's simple case folding, in which each character stays a single one.
//!
//! So `É` is `é`, `Σ` and `ς` are `σ`, and the Kelvin sign is `k`; but `ß` is not `ss`, and the dotless `ı` and
//! the dotted `İ` of Turkish are letters of their own.

use std::borrow::Cow;

/// The text with each character in the place of all that differ from it by case alone.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    match text.char_indices().find(|(_, c)| of_char(*c) != *c) {
        None => Cow::Borrowed(text),
        Some((first, _)) => {
            let mut folded = String::with_capacity(text.len());
            let (same, rest) = text.split_at(first);
            folded.push_str(same);
            folded.extend(rest.chars().map(of_char));
            Cow::Owned(folded)
        }
    }
}

fn of_char(c: char) -> char {
    match c {
        c if c.is_ascii() => c.to_ascii_lowercase(),
        // It has an upper case that is not its own alone.
        'ı' => c,
        // Letters with the same upper case, which takes several characters.
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb05}' => '\u{fb06}',
        c => only(only(c, char::to_uppercase), char::to_lowercase),
    }
}

/// The one character that a mapping makes of it; itself where that is several.
fn only<I: Iterator<Item = char>>(c: char, mapping: fn(char) -> I) -> char {
    let mut mapped = mapping(c);
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
    use std::collections::HashMap;

    /// What Unicode says, by the tables with which regular expressions are compiled: they may be of an older
    /// Unicode than the standard library's.
    #[test]
    fn characters_that_differ_by_case_alone_become_one() {
        let unassigned = regex::Regex::new(r"\p{Cn}").unwrap();
        let assigned: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| !unassigned.is_match(c.encode_utf8(&mut [0; 4])))
            .collect();
        let mut kin: HashMap<char, Vec<char>> = HashMap::new();
        for c in assigned.iter().copied() {
            kin.entry(of_char(c)).or_default().push(c);
        }
        for c in assigned {
            let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            class.try_case_fold_simple().unwrap();
            let expected: Vec<char> = class
                .ranges()
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .collect();
            assert_eq!(kin[&of_char(c)], expected, "{c:?}");
        }
    }

    #[test]
    fn texts() {
        assert!(matches!(fold("abc 1 é"), Cow::Borrowed("abc 1 é")));
        assert_eq!(fold("aBÉ ΣΣς\u{212a}"), "abé σσσk");
        assert_eq!(fold("Straße STRASSE ẞ"), "straße strasse ß");
        assert_eq!(fold("Iıİi"), "iıİi");
    }
}
