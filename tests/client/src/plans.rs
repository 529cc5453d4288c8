//! What a session's statements touched, as the server's auto_explain tells it; and where they are
//! written.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a session says so that all it runs, also inside of functions and triggers, is in the log with
/// the rows and pages that it touched.
pub const EXPLAIN_ALL: &str = "LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_buffers = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_format = json;";

/// One run of a statement.
pub struct Touched {
    pub text: String,
    /// Rows that it read of tables, those that it then left out with them.
    pub rows: u64,
    /// Pages of tables and indexes that it looked into.
    pub pages: u64,
    /// Rows that it was given, returned or changed.
    pub wanted: u64,
    pub plan: Value,
}

/// The statements in a part of the server's log.
pub fn of_log(log: &str) -> Result<Vec<Touched>> {
    let mut found = Vec::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.ends_with("plan:") {
            continue;
        }
        let mut json = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with('\t')) {
            json.push_str(line);
        }
        let explained: Value = serde_json::from_str(&json).context("a plan in the log")?;
        found.push(touched(&explained));
    }
    Ok(found)
}

fn touched(explained: &Value) -> Touched {
    let plan = &explained["Plan"];
    let number = |name: &str| plan[name].as_u64().unwrap_or(0);
    let mut touched = Touched {
        text: explained["Query Text"].as_str().unwrap_or("").to_owned(),
        rows: 0,
        pages: number("Shared Hit Blocks") + number("Shared Read Blocks"),
        wanted: number("Actual Rows"),
        plan: plan.clone(),
    };
    add_node(plan, &mut touched);
    touched
}

fn add_node(node: &Value, touched: &mut Touched) {
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let loops = number("Actual Loops");
    let removed = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let kind = node["Node Type"].as_str().unwrap_or("");
    let rows = (number("Actual Rows") + removed) * loops;
    if kind.contains("Scan") && !node["Relation Name"].is_null() {
        touched.rows += rows as u64;
    } else if kind == "Function Scan" || kind == "Named Tuplestore Scan" {
        touched.wanted = touched.wanted.max(number("Actual Rows") as u64);
    }
    // Of a join, also what it compared.
    touched.rows += (number("Rows Removed by Join Filter") * loops) as u64;
    for child in node["Plans"].as_array().into_iter().flatten() {
        if node["Node Type"] == "ModifyTable" {
            let (rows, loops) = (&child["Actual Rows"], &child["Actual Loops"]);
            let changed = rows.as_f64().unwrap_or(0.0) * loops.as_f64().unwrap_or(0.0);
            touched.wanted = touched.wanted.max(changed as u64);
        }
        add_node(child, touched);
    }
}

/// Where a text of ours is written, which the setting hogsend.test_places puts before it.
pub fn place_of(text: &str) -> Option<&str> {
    text.strip_prefix("/* ")?
        .split_once(" */ ")
        .map(|(place, _)| place)
}

/// The name of every `static` that is a statement of ours, by its place; one that is written in two
/// ways, for few rows and for many, with the number 2. One that a macro of its file makes is where that
/// macro is used.
pub fn written() -> Result<BTreeMap<String, (String, usize)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = BTreeSet::new();
    collect(&root.join("src"), &mut files)?;
    let mut written = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let mut name = String::new();
        let (mut in_macro, mut makers) = (None, Vec::new());
        for (number, line) in text.lines().enumerate() {
            if let Some((_, rest)) = line.split_once("static ") {
                name = rest.split(':').next().unwrap_or("").to_owned();
            }
            if let Some(maker) = line.strip_prefix("macro_rules! ") {
                in_macro = maker.split([' ', '{']).next();
            } else if line == "}" {
                in_macro = None;
            }
            if let Some(maker) = in_macro.filter(|_| line.contains("Statement::new(")) {
                makers.push(format!("{maker}!("));
            }
            let ways = match () {
                () if in_macro.is_some() => 0,
                () if makers.iter().any(|maker| line.contains(maker)) => 1,
                () if line.trim_start().starts_with("//") => 0,
                // Not where the macro itself is written.
                () if line.contains("$crate") || line.contains("macro_rules!") => 0,
                () if line.contains("Statement::new(") || line.contains("Sql::new(") => 1,
                () if line.contains("by_size!(") => 2,
                () => 0,
            };
            if ways > 0 {
                let place = file.strip_prefix(&root)?.display();
                let stem = file.with_extension("");
                let stem = stem.strip_prefix(root.join("src"))?.display().to_string();
                let name = format!("{}::{name}", stem.replace('/', "::"));
                written.insert(format!("{place}:{}", number + 1), (name, ways));
            }
        }
    }
    Ok(written)
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("core") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.insert(path);
        }
    }
    Ok(())
}
