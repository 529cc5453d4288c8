//! What an installation consists of, as the catalogs have it: for comparing two.

use anyhow::Result;
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};

/// For each object what there is to say of it.
pub type Objects = BTreeMap<String, String>;

/// Everything in the schema of the extension, and the members of the extension. Columns go by name, because one
/// that was added later stands last.
const OBJECTS: &str = "
    WITH home AS (
        SELECT e.extnamespace FROM pg_extension e WHERE e.extname = 'hogsend'
    ), relation AS (
        SELECT c.* FROM pg_class c JOIN home h ON h.extnamespace = c.relnamespace
    ), member AS (
        SELECT d.classid, d.objid FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    ), trait (object, facts) AS (
        SELECT 'extension hogsend', to_jsonb(e) - '{oid,extnamespace}'::text[] FROM pg_extension e WHERE e.extname = 'hogsend'
        UNION ALL
        SELECT 'member ' || pg_describe_object(m.classid, m.objid, 0), NULL FROM member m
        UNION ALL
        SELECT 'function ' || p.oid::regprocedure, to_jsonb(p) - '{oid,pronamespace,proargdefaults,prosqlbody}'::text[]
               || jsonb_build_object('arguments', pg_get_function_arguments(p.oid),
                                     'body', pg_get_function_sqlbody(p.oid),
                                     'comment', obj_description(p.oid, 'pg_proc'))
        FROM pg_proc p JOIN home h ON h.extnamespace = p.pronamespace
        UNION ALL
        SELECT 'relation ' || c.relname,
               jsonb_build_object('kind', c.relkind, 'persistence', c.relpersistence,
                   'owner', c.relowner::regrole, 'acl', coalesce(c.relacl, acldefault('r', c.relowner)), 'options', c.reloptions,
                   'row security', c.relrowsecurity, 'replica identity', c.relreplident,
                   'definition', CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid)
                                                WHEN 'i' THEN pg_get_indexdef(c.oid) END,
                   'comment', obj_description(c.oid, 'pg_class'))
        FROM relation c
        UNION ALL
        SELECT format('column %s.%s', c.relname, a.attname),
               jsonb_build_object('type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull,
                   'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity,
                   'generated', a.attgenerated, 'collation', a.attcollation::regcollation,
                   'storage', a.attstorage, 'statistics', a.attstattarget, 'acl', a.attacl,
                   'comment', col_description(c.oid, a.attnum))
        FROM relation c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind <> 'i'
        UNION ALL
        SELECT format('constraint %s of %s', k.conname, c.relname),
               jsonb_build_object('definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated,
                   'comment', obj_description(k.oid, 'pg_constraint'))
        FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid
        UNION ALL
        SELECT format('trigger %s of %s', t.tgname, c.relname),
               jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled,
                   'comment', obj_description(t.oid, 'pg_trigger'))
        FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
        UNION ALL
        SELECT 'sequence ' || c.relname, to_jsonb(s) - 'seqrelid'
        FROM relation c JOIN pg_sequence s ON s.seqrelid = c.oid
        UNION ALL
        -- What pg_dump takes for granted, and leaves out of a dump.
        SELECT 'initial privileges of ' || pg_describe_object(i.classoid, i.objoid, i.objsubid), to_jsonb(i.initprivs)
        FROM pg_init_privs i JOIN member m ON m.classid = i.classoid AND m.objid = i.objoid
        WHERE NOT EXISTS (SELECT FROM relation c WHERE c.oid = i.objoid AND i.initprivs = acldefault('r', c.relowner))
    )
    SELECT t.object, coalesce(jsonb_pretty(t.facts), '') FROM trait t";

pub fn objects(client: &mut Client) -> Result<Objects> {
    let rows = client.query(OBJECTS, &[])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The same without the texts of views: one that was dumped and restored means the same, but is
/// written with other casts.
pub fn without_view_texts(objects: Objects) -> Objects {
    let shorten = |(name, facts): (String, String)| {
        let is_view = facts.contains("\"kind\": \"v\"");
        let lines = facts
            .lines()
            .filter(|line| !(is_view && line.starts_with("    \"definition\": ")));
        (name, lines.collect::<Vec<_>>().join("\n"))
    };
    objects.into_iter().map(shorten).collect()
}

/// A text a difference: what it is about, and the lines that differ.
pub fn differences(one: &Objects, other: &Objects) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let lines_not_in = |text: &str, other: &str| -> String {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|o| o == *line));
        lines.collect::<Vec<_>>().join("\n")
    };
    names
        .into_iter()
        .filter_map(|name| match (one.get(name), other.get(name)) {
            (Some(a), Some(b)) if a == b => None,
            (Some(a), Some(b)) => Some(format!(
                "{name}: differs\n< {}\n> {}",
                lines_not_in(a, b),
                lines_not_in(b, a)
            )),
            (Some(_), None) => Some(format!("{name}: only in the first")),
            _ => Some(format!("{name}: only in the second")),
        })
        .collect()
}
