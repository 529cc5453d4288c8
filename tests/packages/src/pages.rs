//! Pages in Markdown: what stands under a heading, and what is to be typed there.

use anyhow::{Context, Result};

#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub language: String,
    pub text: String,
}

/// The text under a heading of the second level, up to the next one.
pub fn section<'a>(page: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = page
        .split_once(&format!("\n## {heading}\n"))
        .with_context(|| format!("the page has no section {heading}"))?;
    Ok(rest
        .split_once("\n## ")
        .map_or(rest, |(section, _)| section))
}

/// The fenced blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let inside = lines.by_ref().take_while(|line| line.trim() != "```");
        found.push(Block {
            language: language.trim().to_string(),
            text: inside.map(|line| format!("{line}\n")).collect(),
        });
    }
    found
}

/// What is typed: commands for a shell, and to whatever the last of them starts (psql) the SQL that follows.
#[derive(Debug, Default, PartialEq)]
pub struct Typed {
    pub commands: String,
    pub sql: String,
}

/// In the order of the page. SQL before any command is an error: nobody would know where it is typed.
pub fn typed(blocks: &[Block]) -> Result<Vec<Typed>> {
    let mut found: Vec<Typed> = Vec::new();
    for block in blocks {
        match block.language.as_str() {
            "sh" => found.push(Typed {
                commands: block.text.clone(),
                sql: String::new(),
            }),
            "sql" => found
                .last_mut()
                .context("SQL stands before the command that starts psql")?
                .sql
                .push_str(&block.text),
            _ => {}
        }
    }
    Ok(found)
}
