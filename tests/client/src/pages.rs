//! Pages of the documentation, run from the top as their reader would: by psql, in a database of their own.
//!
//! Every block of SQL is run. What is in a block of text right behind it is its output, word for word. `sql error`
//! ends in the error that is shown. A comment `<!-- sql … -->` is run, too, and not seen: what the reader has, and
//! the test has not. With `ACCEPT=1` the outputs are written into the page.

use anyhow::{Context, Result, ensure};
use hogsend_harness::{Cluster, Options};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The database of the pages, in which pg_cron lives, too.
pub const DATABASE: &str = "shop";
const MARK: &str = "@@ block ";

/// A piece of a page.
enum Piece<'p> {
    Prose(&'p str),
    Sql {
        text: &'p str,
        fails: bool,
    },
    /// What the block before is said to print.
    Output,
}

/// A page, and where it lies.
pub struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// `name` is that of a file, from the root of the repository.
    pub fn read(name: &str) -> Result<Page> {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name);
        let text = std::fs::read_to_string(&path).with_context(|| name.to_owned())?;
        Ok(Page { path, text })
    }

    /// Runs it on a server of its own, which has pg_cron, in a database that has hogsend unless the page installs it.
    pub fn hold(&self, installs: bool) -> Result<()> {
        let cluster = Cluster::start(Options::with_cron(DATABASE))?;
        cluster.create_database(DATABASE)?;
        if !installs {
            cluster.connect(DATABASE)?.batch_execute(&format!(
                "CREATE EXTENSION pg_cron;
                 CREATE SCHEMA hogsend;
                 CREATE EXTENSION hogsend SCHEMA hogsend;
                 ALTER DATABASE {DATABASE} SET search_path = \"$user\", public, hogsend"
            ))?;
        }
        let pieces = pieces(&self.text);
        let printed = run(&cluster, &pieces)?;
        let page = with_outputs(&pieces, &printed);
        if std::env::var("ACCEPT").is_ok_and(|accept| accept == "1") {
            return Ok(std::fs::write(&self.path, page)?);
        }
        let (is, said) = (without_instants(&page), without_instants(&self.text));
        let differs = is.lines().zip(said.lines()).find(|(is, said)| is != said);
        ensure!(
            is == said,
            "{} prints something else than it shows (ACCEPT=1 writes it down): {differs:?}",
            self.path.display()
        );
        Ok(())
    }
}

fn pieces(page: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = page;
    // Whether the piece before the prose at hand was SQL, of which an output may follow.
    while let Some((place, opening, closing)) = next_block(rest) {
        let (before, block) = rest.split_at(place);
        pieces.push(Piece::Prose(before));
        let body = &block[opening.len()..];
        let end = body.find(closing).unwrap_or(body.len());
        let head = body[..end].lines().next().unwrap_or_default();
        let whole = &block[..opening.len() + end + closing.len().min(body.len() - end)];
        let follows = matches!(pieces.as_slice(), [.., Piece::Sql { .. }, Piece::Prose(prose)] if prose.trim().is_empty());
        match head.trim() {
            "sql" => pieces.push(Piece::Sql {
                text: whole,
                fails: false,
            }),
            "sql error" => pieces.push(Piece::Sql {
                text: whole,
                fails: true,
            }),
            "text" if follows => pieces.push(Piece::Output),
            _ => pieces.push(Piece::Prose(whole)),
        }
        rest = &block[whole.len()..];
    }
    pieces.push(Piece::Prose(rest));
    pieces
}

/// Where the next block of code or hidden statements begins, and with what it begins and ends.
fn next_block(page: &str) -> Option<(usize, &'static str, &'static str)> {
    let fence = page.find("```").map(|place| (place, "```", "```"));
    let hidden = page.find("<!-- sql\n").map(|place| (place, "<!-- ", "-->"));
    [fence, hidden].into_iter().flatten().min()
}

/// The statements of a block, without what opens and closes it.
fn statements(block: &str) -> &str {
    let body = block.split_once('\n').map_or("", |(_, body)| body);
    body.trim_end_matches("-->").trim_end_matches("```")
}

/// What each block of SQL prints, in order.
fn run(cluster: &Cluster, pieces: &[Piece]) -> Result<Vec<String>> {
    let mut script = String::new();
    let blocks = pieces.iter().filter_map(|piece| match piece {
        Piece::Sql { text, fails } => Some((text, fails)),
        _ => None,
    });
    for (number, (text, fails)) in blocks.enumerate() {
        let stop = if *fails { "off" } else { "on" };
        write!(
            script,
            "\\set ON_ERROR_STOP {stop}\n\\echo '{MARK}{number}'\n{}\n",
            statements(text)
        )?;
    }
    let mut psql = Command::new("sh")
        .args(["-c", "exec \"$0\" -X -q 2>&1"])
        .arg(cluster.programs().bin_dir().join("psql"))
        .envs(cluster.environment(DATABASE))
        .env("PGAPPNAME", "page")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = psql.stdin.take().context("psql has no input")?;
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = psql.wait_with_output()?;
    // Where psql ended before its time, the status says so.
    let _ = writer.join();
    let printed = String::from_utf8(output.stdout)?;
    ensure!(
        output.status.success(),
        "psql ended after:\n{}",
        last_lines(&printed, 30)
    );
    let mut blocks: Vec<String> = Vec::new();
    for line in printed.lines() {
        if line.starts_with(MARK) {
            blocks.push(String::new());
        } else if let Some(block) = blocks.last_mut() {
            writeln!(block, "{}", without_process(line.trim_end()))?;
        }
    }
    for (block, piece) in blocks.iter().zip(
        pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Sql { .. })),
    ) {
        if let Piece::Sql { text, fails: true } = piece {
            ensure!(block.contains("ERROR:"), "no error from {text}");
        }
    }
    Ok(blocks)
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The present is another one each time: instants to the minute or finer are all the same.
fn without_instants(text: &str) -> String {
    const SHAPE: &[u8] = b"0000-00-00 00:00";
    let is_instant = |bytes: &[u8]| {
        SHAPE.iter().zip(bytes).all(|(shape, byte)| match shape {
            b'0' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            _ => shape == byte,
        })
    };
    let mut masked = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if rest.len() >= SHAPE.len() && is_instant(rest.as_bytes()) {
            masked.push_str("<instant>");
            rest = rest[SHAPE.len()..]
                .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.'));
        } else {
            masked.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    masked
}

/// A notification tells the process that sent it, which is another one each time.
fn without_process(line: &str) -> String {
    match line.split_once("received from server process with PID ") {
        Some((before, _)) => format!("{before}received from server process with PID 4711."),
        None => line.to_owned(),
    }
}

/// The page with what was printed in the places where output is shown.
fn with_outputs(pieces: &[Piece], printed: &[String]) -> String {
    let mut page = String::new();
    let mut blocks = printed.iter();
    let mut last = "";
    for piece in pieces {
        match piece {
            Piece::Prose(text) => page.push_str(text),
            Piece::Sql { text, .. } => {
                page.push_str(text);
                last = blocks
                    .next()
                    .map_or("", |block| block.trim_end_matches('\n'));
            }
            Piece::Output => {
                page.push_str("```text\n");
                page.push_str(last);
                page.push_str("\n```");
            }
        }
    }
    page
}
