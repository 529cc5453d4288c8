//! Words for problems: quoting what users wrote, and guessing what they meant.

/// Longer pieces of user text are cut, so that no message grows with the document.
const QUOTED_LENGTH: usize = 60;

/// `text` in JSON's quotation marks, cut when long.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(&cut(text)).unwrap_or_default()
}

/// `text`, cut when long.
pub(super) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_LENGTH).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// `"a", "b" or "c"`.
pub(super) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The hint for a word that is none of `known`: the one that was probably meant, or all of them.
pub(super) fn did_you_mean(written: &str, known: &[&str]) -> String {
    match nearest(written, known) {
        Some(word) => format!("did you mean {}?", quote(word)),
        None => format!("use {}", list(known)),
    }
}

/// The one of `known` that `written` is close enough to.
pub(super) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    if let Some(symbol) = spelled_out(written) {
        return known.iter().find(|word| **word == symbol).copied();
    }
    let written = plain(written);
    known
        .iter()
        .map(|word| (distance(&written, &plain(word)), *word))
        .filter(|(distance, word)| *distance * 3 <= word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// What people write for operators in other languages.
fn spelled_out(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "=" | "==" | "===" => "eq",
        "!=" | "!==" | "<>" | "ne" => "neq",
        ">" => "gt",
        ">=" | "ge" => "gte",
        "<" => "lt",
        "<=" | "le" => "lte",
        "&&" | "all" => "and",
        "||" | "any" => "or",
        _ => return None,
    })
}

/// Without case and separators, so that `event_name` is `eventName`; cut like a quotation, so that
/// comparing takes bounded time.
fn plain(text: &str) -> Vec<char> {
    text.chars()
        .take(QUOTED_LENGTH)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The number of letters to insert, drop or change to make one of the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (other, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(letter != other))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(a.len())
}
