//! E-mail addresses: trimmed of white space of every kind and lower-cased, whoever writes them.

use pgrx::pg_sys;

use crate::pg::sql::{Arg, Session, Statement};
use crate::store::own::OwnWrite;

/// What Unicode calls white space, and what has no width: both come with what people paste.
const UNICODE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{180e}\u{2000}\u{2001}\u{2002}\u{2003}\
    \u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{200b}\u{2028}\u{2029}\u{202f}\u{205f}\
    \u{2060}\u{3000}\u{feff}";
const ASCII: &str = "\t\n\u{b}\u{c}\r ";

/// What is trimmed, in the encoding of the database.
pub fn white_space() -> &'static str {
    // SAFETY: reads a variable of this backend.
    let encoding = unsafe { pg_sys::GetDatabaseEncoding() };
    if encoding == pg_sys::pg_enc::PG_UTF8 as i32 {
        UNICODE
    } else {
        ASCII
    }
}

/// Whether an address is written as it is to be, as far as can be told without the database's own
/// rules; false where only those can tell.
pub fn is_normal(email: &str) -> bool {
    let blank = |letter: Option<char>| letter.is_some_and(|letter| UNICODE.contains(letter));
    let mut letters = email.chars();
    let ends = [letters.clone().next(), letters.clone().next_back()];
    !ends.into_iter().any(blank) && !letters.any(|letter| letter.is_uppercase())
}

static NORMALISE: Statement = Statement::new(
    "UPDATE {s}.contacts c SET email = lower(btrim(c.email, $2))
     WHERE c.user_id = ANY ($1) AND c.email <> lower(btrim(c.email, $2))",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTOID],
);

/// Writes the addresses of contacts that this transaction wrote as they are to be.
pub fn normalise(session: &Session, users: &[&str]) {
    let _own = OwnWrite::begin();
    session.execute(&NORMALISE, &[Arg::Texts(users), Arg::Text(white_space())]);
}
