//! What doc/reference.md says: every function, table, view and setting for users, as the catalogs have them.
//! `make reference` writes the page, and a test holds it to what is installed.

use anyhow::{Context, Result, ensure};
use postgres::Client;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Functions by subject, in the order of the page.
const SUBJECTS: &[(&str, &[&str])] = &[
    (
        "Define buckets",
        &["define_bucket", "validate", "preview", "preview_change"],
    ),
    (
        "Say who belongs to them",
        &[
            "event",
            "first",
            "last",
            "sum",
            "avg",
            "min",
            "max",
            "distinct",
            "compare",
            "sequence",
            "step",
            "property",
            "all",
            "any",
            "not",
            "everyone",
            "in_bucket",
            "sample",
            "sample_of",
        ],
    ),
    (
        "Bring in what happens",
        &[
            "ingest",
            "attach_events",
            "attach_contacts",
            "import",
            "verify_feed",
            "detach",
            "identify",
            "forget_user",
            "forget_users",
            "may_forget",
        ],
    ),
    (
        "Move members by hand",
        &["add_member", "remove_member", "refresh"],
    ),
    (
        "Ask",
        &[
            "has",
            "count",
            "members",
            "matches",
            "explain",
            "dependencies",
            "verify",
        ],
    ),
    (
        "Consume transitions",
        &["subscribe", "poll", "ack", "unsubscribe"],
    ),
    (
        "Journeys",
        &[
            "define_journey",
            "sleep",
            "sleep_until",
            "wait_for",
            "checkpoint",
            "complete",
            "fail",
            "explain_run",
        ],
    ),
    (
        "Operate",
        &[
            "reconcile",
            "run",
            "schedule",
            "unschedule",
            "backfill",
            "health",
            "report",
            "metrics",
            "prune",
            "migrate",
            "adopt",
        ],
    ),
    ("Grant", &["grant", "revoke", "privileges"]),
];

/// Tables and views by subject.
const RELATIONS: &[(&str, &[&str])] = &[
    (
        "Tables to write to",
        &["buckets", "contacts", "user_events", "journeys"],
    ),
    (
        "Tables that hogsend writes",
        &[
            "bucket_memberships",
            "bucket_timers",
            "bucket_transitions",
            "journey_runs",
            "bucket_consumers",
            "bucket_positions",
            "bucket_jobs",
            "bucket_refreshes",
            "bucket_holdouts",
            "bucket_totals",
            "bucket_counts",
            "bucket_erasures",
            "user_queue",
            "user_aliases",
            "feeds",
            "feed_notes",
        ],
    ),
    (
        "Views",
        &[
            "bucket_members",
            "bucket_stats",
            "bucket_daily",
            "bucket_forecast",
            "bucket_lag",
            "bucket_feeds",
            "journey_stats",
        ],
    ),
];

const HEAD: &str = "# Reference

Every function, table, view and setting that is meant to be used, written from the catalogs by `make reference` and held
equal to them by a test. Functions whose comment begins with \"Internal:\" (`\\df+ hogsend_*` shows them) are parts of
hogsend, and may change with any release.

Each function names the [presets](roles.md) whose roles may call it; the owner may call everything.

";

/// Where the page is.
pub fn path() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../doc/reference.md").into()
}

/// The page, of a database that has the extension in its search_path.
pub fn page(client: &mut Client) -> Result<String> {
    let mut page = String::from(HEAD);
    let subjects = SUBJECTS.iter().chain(RELATIONS).map(|(title, _)| *title);
    for title in subjects.chain(["Settings"]) {
        writeln!(
            page,
            "- [{title}](#{})",
            title.to_lowercase().replace(' ', "-")
        )?;
    }
    let mut missing = public_functions(client)?;
    for (title, names) in SUBJECTS {
        write!(page, "\n## {title}\n")?;
        for name in *names {
            let name = format!("hogsend_{name}");
            ensure!(missing.remove(&name), "there is no public function {name}");
            functions(client, &name, &mut page)?;
        }
    }
    ensure!(
        missing.is_empty(),
        "tests/client/src/reference.rs knows no subject of {missing:?}"
    );
    let mut missing = all_relations(client)?;
    for (title, names) in RELATIONS {
        write!(page, "\n## {title}\n")?;
        for name in *names {
            ensure!(missing.remove(*name), "there is no relation {name}");
            relation(client, name, &mut page)?;
        }
    }
    ensure!(
        missing.is_empty(),
        "tests/client/src/reference.rs knows no subject of {missing:?}"
    );
    page.push_str("\n## Settings\n\n| setting | default | who may set it | what it does |\n|---|---|---|---|\n");
    settings(client, &mut page)?;
    Ok(page)
}

/// Functions of the extension that are not marked as internal.
fn public_functions(client: &mut Client) -> Result<BTreeSet<String>> {
    let rows = client.query(
        "SELECT DISTINCT p.proname::text FROM pg_proc p
         JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
         JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
         WHERE obj_description(p.oid, 'pg_proc') NOT LIKE 'Internal: %'",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Relations in the extension's schema, but for the two that belong to the extension.
fn all_relations(client: &mut Client) -> Result<BTreeSet<String>> {
    let rows = client.query(
        "SELECT c.relname::text FROM pg_class c JOIN pg_extension e ON e.extnamespace = c.relnamespace AND e.extname = 'hogsend'
         WHERE c.relkind IN ('r', 'p', 'v') AND c.relname NOT IN ('hogsend_instance', 'hogsend_clock')",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn functions(client: &mut Client, name: &str, page: &mut String) -> Result<()> {
    let rows = client.query(
        "SELECT p.prokind = 'p', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'),
                (SELECT string_agg('`' || preset || '`', ', ' ORDER BY n) FROM unnest(ARRAY['ingest', 'orm', 'runner', 'analyst', 'admin'])
                     WITH ORDINALITY AS presets (preset, n)
                 WHERE EXISTS (SELECT FROM hogsend_privileges(preset) g WHERE g.object LIKE 'ROUTINE %' AND substr(g.object, 9)::regprocedure = p.oid))
         FROM pg_proc p JOIN pg_extension e ON e.extnamespace = p.pronamespace AND e.extname = 'hogsend'
         WHERE p.proname = $1 ORDER BY p.oid",
        &[&name],
    )?;
    write!(page, "\n### {name}\n\n```\n")?;
    for row in &rows {
        let arguments: String = row.get(1);
        let is_procedure: bool = row.get(0);
        let result: Option<String> = row.get(2);
        let call = if is_procedure { "CALL " } else { "" };
        write!(page, "{call}{name}({})", wrapped(&short(&arguments)))?;
        match result.filter(|_| !is_procedure) {
            Some(result) => writeln!(page, " → {}", columns(&short(&result)))?,
            None => writeln!(page)?,
        }
    }
    writeln!(page, "```\n")?;
    let mut said: Vec<String> = Vec::new();
    for row in &rows {
        let comment: String = row
            .get::<_, Option<String>>(3)
            .with_context(|| format!("{name} has no comment"))?;
        if !said.contains(&comment) {
            said.push(comment);
        }
    }
    for comment in said {
        writeln!(page, "{}.", escaped(&comment))?;
    }
    match rows[0].get::<_, Option<String>>(4) {
        Some(presets) => writeln!(page, "\nMay be called by: {presets}.")?,
        None => writeln!(page, "\nMay be called by: the owner.")?,
    }
    Ok(())
}

/// As one would write it: without casts, and with the short name of a type.
fn short(arguments: &str) -> String {
    let mut short = arguments.replace("timestamp with time zone", "timestamptz");
    for of in [
        "interval[]",
        "text[]",
        "interval",
        "text",
        "jsonb",
        "numeric",
        "bigint",
        "integer",
        "timestamptz",
        "unknown",
    ] {
        short = short.replace(&format!("::{of}"), "");
    }
    short
}

/// Long lists of arguments stand one below the other.
fn wrapped(arguments: &str) -> String {
    if arguments.len() < 90 {
        return arguments.to_owned();
    }
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for letter in arguments.chars() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    format!("\n    {}", parts.join(",\n    "))
}

/// So do the columns of what is returned.
fn columns(result: &str) -> String {
    let inner = result
        .strip_prefix("TABLE(")
        .and_then(|rest| rest.strip_suffix(')'));
    inner.map_or_else(
        || result.to_owned(),
        |columns| format!("TABLE ({})", wrapped(columns)),
    )
}

fn relation(client: &mut Client, name: &str, page: &mut String) -> Result<()> {
    let comment: Option<String> = client
        .query_one(
            "SELECT obj_description(to_regclass($1)::oid, 'pg_class')",
            &[&name],
        )?
        .get(0);
    let comment = comment.with_context(|| format!("{name} has no comment"))?;
    write!(
        page,
        "\n### {name}\n\n{}.\n\n| column | type | |\n|---|---|---|\n",
        escaped(&comment)
    )?;
    let rows = client.query(
        "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
                CASE WHEN a.attnotnull AND c.relkind <> 'v' THEN ', not null' ELSE '' END,
                coalesce(CASE WHEN a.attidentity <> '' THEN ', numbered' ELSE ', default ' || pg_get_expr(d.adbin, d.adrelid) END, ''),
                coalesce(col_description(c.oid, a.attnum), '')
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.oid = to_regclass($1) ORDER BY a.attnum",
        &[&name],
    )?;
    for row in rows {
        let text = |column| -> String { row.get(column) };
        writeln!(
            page,
            "| `{}` | {}{}{} | {} |",
            text(0),
            text(1),
            text(2),
            escaped(&text(3)),
            escaped(&text(4))
        )?;
    }
    Ok(())
}

fn settings(client: &mut Client, page: &mut String) -> Result<()> {
    let rows = client.query(
        "SELECT name, coalesce(boot_val, ''), coalesce(unit, ''), context, short_desc, coalesce(extra_desc, '')
         FROM pg_settings WHERE name LIKE 'hogsend.%' ORDER BY name",
        &[],
    )?;
    ensure!(rows.len() > 3, "only {} settings", rows.len());
    for row in rows {
        let text = |column| -> String { row.get(column) };
        let who = match text(3).as_str() {
            "user" => "everybody",
            "superuser" => "superusers, and who was granted SET on it",
            "sighup" => "the server's configuration",
            other => anyhow::bail!("{}: context {other}", text(0)),
        };
        let default = match text(1).as_str() {
            "" => "unset".to_owned(),
            value => format!(
                "`{value}{}`",
                match text(2).as_str() {
                    "" => String::new(),
                    unit => format!(" {unit}"),
                }
            ),
        };
        let more = text(5);
        let said = format!("{} {more}", text(4));
        writeln!(
            page,
            "| `{}` | {default} | {who} | {} |",
            text(0),
            escaped(said.trim())
        )?;
    }
    Ok(())
}

/// As it stands in a cell, or in a paragraph.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('\n', " ")
}
