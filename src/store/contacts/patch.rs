//! Patches of contacts.

use pgrx::pg_sys;

use super::email;
use crate::pg::clock;
use crate::pg::sql::{Arg, Rows, Session, Statement};
use crate::store::own::OwnWrite;

/// A later row wins over an earlier one; only what really changes is written and returned. The rows
/// are locked already, so `old` is what the UPDATE replaces.
macro_rules! patch {
    ($given:literal) => {
        concat!(
            "WITH given AS (",
            $given,
            "), emails AS (
                 SELECT DISTINCT ON (g.user_id) g.user_id, lower(btrim(g.user_email, $3)) AS email
                 FROM given g WHERE btrim(g.user_email, $3) <> '' ORDER BY g.user_id, g.n DESC
             ), merged AS (
                 SELECT g.user_id, jsonb_object_agg(p.key, p.value ORDER BY g.n) AS patch
                 FROM given g
                 CROSS JOIN LATERAL jsonb_each(
                     CASE jsonb_typeof(g.contact_properties) WHEN 'object' THEN g.contact_properties END) p
                 GROUP BY g.user_id
             ), patches AS (
                 SELECT user_id, coalesce(m.patch, '{}') AS patch, e.email
                 FROM merged m FULL JOIN emails e USING (user_id)
             ), changed AS (
                 UPDATE {s}.contacts c
                 SET properties = c.properties || p.patch, email = coalesce(p.email, c.email), updated_at = $2
                 FROM patches p
                 CROSS JOIN LATERAL (SELECT o.tableoid AS part, o.ctid AS place, o.properties
                                     FROM {s}.contacts o WHERE o.user_id = p.user_id LIMIT 1) old
                 WHERE c.ctid = old.place AND c.tableoid = old.part
                   AND (NOT c.properties @> p.patch
                        OR c.properties || p.patch <> c.properties
                        OR p.email <> coalesce(c.email, ''))
                 RETURNING c.user_id, old.properties AS before, c.properties AS after
             )
             SELECT c.user_id, k, (c.before -> k)::text, (c.after -> k)::text FROM changed c CROSS JOIN unnest($1) k
             WHERE c.before -> k IS DISTINCT FROM c.after -> k"
        )
    };
}

static PATCH: Statement = Statement::new(
    patch!(
        "SELECT r.* FROM (
             SELECT row_number() OVER () AS n, e.user_id, e.event, e.user_email, e.contact_properties
             FROM hogsend_new e) r
         WHERE (r.user_email IS NOT NULL OR r.contact_properties IS NOT NULL)
           AND r.event NOT LIKE 'bucket:%'"
    ),
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
    ],
);
/// The same where some of the users go by other names in the statement, and some rows are none.
static PATCH_RENAMED: Statement = Statement::new(
    patch!(
        "SELECT r.n, coalesce(p.user_id, r.user_id) AS user_id, r.user_email, r.contact_properties FROM (
             SELECT row_number() OVER () AS n, e.id, e.user_id, e.event, e.user_email, e.contact_properties
             FROM hogsend_new e) r
         LEFT JOIN unnest($4, $5) AS p (name, user_id) ON p.name = r.user_id
         WHERE (r.user_email IS NOT NULL OR r.contact_properties IS NOT NULL)
           AND r.event NOT LIKE 'bucket:%' AND NOT r.id = ANY ($6)"
    ),
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
    ],
);
static PATCH_GIVEN: Statement = Statement::new(
    patch!(
        "SELECT v.n, v.user_id, v.user_email, v.properties::jsonb AS contact_properties
         FROM unnest($4, $5, $6) WITH ORDINALITY AS v (user_id, user_email, properties, n)"
    ),
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
    ],
);

/// (user, property, its values before and after as JSON): a property that a patch changed.
pub type Changed<'s> = (&'s str, &'s str, Option<&'s str>, Option<&'s str>);

/// Applies the patches of the transition table `hogsend_new` to contacts that are locked; returns
/// what changed of `keys`.
pub fn patch<'s>(session: &'s Session, keys: &[&str]) -> Vec<Changed<'s>> {
    let _own = OwnWrite::begin();
    let now = Arg::Instant(clock::now());
    let arguments = [Arg::Texts(keys), now, Arg::Text(email::white_space())];
    changed(&session.execute_once(&PATCH, &arguments))
}

/// Names of the statement and whose they are, and the rows that are left out, by their ids.
pub type Names<'a> = (Vec<&'a str>, Vec<&'a str>, Vec<i64>);

pub fn patch_renamed<'s>(session: &'s Session, keys: &[&str], names: &Names) -> Vec<Changed<'s>> {
    let _own = OwnWrite::begin();
    let arguments = [
        Arg::Texts(keys),
        Arg::Instant(clock::now()),
        Arg::Text(email::white_space()),
        Arg::Texts(&names.0),
        Arg::Texts(&names.1),
        Arg::BigInts(&names.2),
    ];
    changed(&session.execute_once(&PATCH_RENAMED, &arguments))
}

/// A user, an e-mail address, and properties as a JSON object.
pub type Patch<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// The same with patches that are given, a later one after an earlier.
pub fn patch_given<'s>(session: &'s Session, patches: &[Patch], keys: &[&str]) -> Vec<Changed<'s>> {
    let _own = OwnWrite::begin();
    let users: Vec<_> = patches.iter().map(|patch| patch.0).collect();
    let emails: Vec<_> = patches.iter().map(|patch| patch.1).collect();
    let properties: Vec<_> = patches.iter().map(|patch| patch.2).collect();
    let arguments = [
        Arg::Texts(keys),
        Arg::Instant(clock::now()),
        Arg::Text(email::white_space()),
        Arg::Texts(&users),
        Arg::OptTexts(&emails),
        Arg::OptTexts(&properties),
    ];
    changed(&session.execute(&PATCH_GIVEN, &arguments))
}

fn changed<'s>(rows: &Rows<'s>) -> Vec<Changed<'s>> {
    (0..rows.len())
        .filter_map(|row| {
            let (user, property) = (rows.text(row, 1)?, rows.text(row, 2)?);
            Some((user, property, rows.text(row, 3), rows.text(row, 4)))
        })
        .collect()
}
