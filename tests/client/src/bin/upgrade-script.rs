//! Writes sql/hogsend--OLD--NEW.sql: what brings the functions of the release before (its frozen
//! install script is sql/releases/hogsend--OLD.sql) to those that are installed. `make upgrade-script`.
//!
//! Both are installed in a throw-away server and compared as the catalogs have them. Functions and
//! their comments are derived; tables and all else that is the user's is for hogsend_migrate(). What
//! remains (hogsend_instance and hogsend_clock) is written by hand into the script, above the mark,
//! and stays there. The client test `upgrade` says whether anything was forgotten.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::{releases, version_numbers};
use hogsend_harness::{Cluster, Options};
use std::collections::BTreeMap;
use std::path::Path;

/// A schema whose name occurs nowhere else, so that it can be taken out again.
const SCHEMA: &str = "schema_of_the_upgrade_script";
const MARK: &str = "-- Derived from here on.\n";

struct Function {
    /// In the order of creation.
    number: usize,
    signature: String,
    kind: String,
    /// What CREATE OR REPLACE cannot change. Defaults it can, and whoever was granted the function keeps it.
    head: String,
    definition: String,
    comment: String,
}

type Functions = BTreeMap<String, Function>;

/// The functions of a version of the extension; of the present one, if none is given.
fn functions(cluster: &Cluster, version: Option<&str>) -> Result<(String, Functions)> {
    let database = cluster.test_database(version.unwrap_or("present"))?;
    let mut client = database.connect()?;
    let version = version.map_or(String::new(), |v| format!("VERSION '{v}'"));
    client.batch_execute(&format!(
        "CREATE SCHEMA {SCHEMA}; CREATE EXTENSION hogsend SCHEMA {SCHEMA} {version};
         SET search_path = pg_catalog"
    ))?;
    let version = client
        .query_one(
            "SELECT extversion FROM pg_extension WHERE extname = 'hogsend'",
            &[],
        )?
        .get(0);
    let rows = client.query(
        "SELECT p.oid::regprocedure::text, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                concat_ws(' ', p.prokind, p.proargnames::text, p.proargmodes::text, p.proargtypes::text,
                          p.proallargtypes::text, pg_get_function_result(p.oid)),
                pg_get_functiondef(p.oid), coalesce(obj_description(p.oid, 'pg_proc'), '')
         FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
         JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
         ORDER BY p.oid",
        &[],
    )?;
    let functions = rows.iter().enumerate().map(|(number, row)| {
        let text = |column| -> String {
            let text: String = row.get(column);
            text.replace(SCHEMA, "@extschema@")
                .replace("'$libdir/hogsend'", "'MODULE_PATHNAME'")
        };
        let function = Function {
            number,
            signature: text(0),
            kind: text(1),
            head: text(2),
            definition: text(3),
            comment: text(4),
        };
        (function.signature.clone(), function)
    });
    Ok((version, functions.collect()))
}

fn derive(old: &Functions, new: &Functions) -> String {
    let mut statements = Vec::new();
    let remains = |f: &Function| new.get(&f.signature).is_some_and(|n| n.head == f.head);
    for gone in old.values().filter(|f| !remains(f)) {
        eprintln!("{} goes, and GRANTs on it with it", gone.signature);
        statements.push(format!("DROP {} {};", gone.kind, gone.signature));
    }
    let mut in_order: Vec<&Function> = new.values().collect();
    in_order.sort_by_key(|f| f.number);
    for function in in_order {
        let Function {
            signature,
            kind,
            definition,
            comment,
            ..
        } = function;
        let before = old.get(signature).filter(|f| remains(f));
        if before.is_none_or(|b| b.definition != *definition) {
            statements.push(format!("{};", definition.trim_end()));
        }
        if before.is_none_or(|b| b.comment != *comment) {
            let comment = comment.replace('\'', "''");
            statements.push(format!("COMMENT ON {kind} {signature} IS '{comment}';"));
        }
        // Only of what is new: what an update script revokes from, or grants on, has the privileges
        // it then has for its initial ones, the user's own GRANTs among them, and pg_dump leaves
        // initial privileges out.
        if before.is_none() {
            statements.push(format!("REVOKE ALL ON {kind} {signature} FROM PUBLIC;"));
        }
    }
    statements.join("\n\n")
}

/// What is written by hand stays.
fn by_hand(path: &Path, old: &str, new: &str) -> Result<String> {
    if !path.exists() {
        return Ok(format!(
            "-- hogsend {old} to {new}. `make upgrade-script` writes what is below the mark, from the\n\
             -- difference between the two; what is above it is written by hand, and needed only where\n\
             -- hogsend_instance or hogsend_clock change.\n\
             \\echo Use \"ALTER EXTENSION hogsend UPDATE TO '{new}'\" to load this file. \\quit\n\n"
        ));
    }
    let script = std::fs::read_to_string(path)?;
    match script.split_once(MARK) {
        Some((by_hand, _)) => Ok(by_hand.into()),
        None => bail!("{}: no line \"{}\"", path.display(), MARK.trim_end()),
    }
}

fn main() -> Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql");
    let old = releases()?
        .pop()
        .context("no install script of a release in sql/releases/")?;
    let cluster = Cluster::start(Options::default())?;
    let (_, before) = functions(&cluster, Some(&old))?;
    let (new, after) = functions(&cluster, None)?;
    if version_numbers(&new) <= version_numbers(&old) {
        bail!("version {new} is installed, which is not later than {old}; `make install` first");
    }
    let name = format!("hogsend--{old}--{new}.sql");
    let path = directory.join(&name);
    let script = format!(
        "{}{MARK}\n{}\n\n\
         -- Tables, views and triggers. In the middle of a restore there are none yet: the dump brings them.\n\
         SELECT @extschema@.hogsend_migrate() WHERE pg_catalog.to_regclass('@extschema@.buckets') IS NOT NULL;\n",
        by_hand(&path, &old, &new)?,
        derive(&before, &after)
    );
    std::fs::write(&path, script)?;
    println!("sql/{name} is written; `make install` installs it");
    Ok(())
}
