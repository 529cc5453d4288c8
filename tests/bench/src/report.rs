//! Collects the measurements and prints them: ratios first, times after, then what has no control.

use crate::stats::{largest, median, smallest};

/// Turns of a measurement and of its control, paired, in microseconds.
#[derive(Default)]
pub struct Turns {
    pub measured: Vec<f64>,
    pub control: Vec<f64>,
}

impl Turns {
    pub fn add(&mut self, measured: f64, control: f64) {
        self.measured.push(measured);
        self.control.push(control);
    }

    fn ratios(&self) -> Vec<f64> {
        let pairs = self.measured.iter().zip(&self.control);
        pairs.map(|(m, c)| m / c).collect()
    }
}

/// What hogsend wants to reach, where it has promised something. It is meant for `FULL=1`.
#[derive(Clone, Copy)]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    fn verdict(self, value: f64) -> String {
        let (sign, bound, holds) = match self {
            Target::AtMost(bound) => ('≤', bound, value <= bound),
            Target::AtLeast(bound) => ('≥', bound, value >= bound),
        };
        let missed = if holds { "" } else { ", missed" };
        format!("{sign} {bound}{missed}")
    }
}

#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    figures: Vec<[String; 3]>,
    notes: Vec<String>,
}

struct Row {
    what: String,
    control: String,
    turns: Turns,
    target: Option<Target>,
}

impl Report {
    pub fn add(&mut self, what: &str, control: &str, turns: Turns) {
        self.push(what, control, turns, None);
    }

    /// Something that was to take so many times what its control takes.
    pub fn add_with_target(&mut self, what: &str, control: &str, turns: Turns, target: Target) {
        self.push(what, control, turns, Some(target));
    }

    fn push(&mut self, what: &str, control: &str, turns: Turns, target: Option<Target>) {
        let row = Row {
            what: what.into(),
            control: control.into(),
            turns,
            target,
        };
        eprintln!("bench: {what}: {} {}", row.ratio(), row.verdict());
        self.rows.push(row);
    }

    /// Something absolute: it has no control, but perhaps a target.
    pub fn figure(&mut self, what: &str, value: f64, unit: &str, target: Option<Target>) {
        let figure = format!("{} {unit}", rounded(value));
        let verdict = target.map_or_else(String::new, |t| t.verdict(value));
        eprintln!("bench: {what}: {figure} {verdict}");
        self.figures.push([what.into(), figure, verdict]);
    }

    /// What helps to read the rest.
    pub fn note(&mut self, text: String) {
        eprintln!("bench: {text}");
        self.notes.push(text);
    }

    pub fn print(&self) {
        let ratios = self.rows.iter().map(Row::ratios);
        table(
            ["measured", "against", "ratio", "min..max", "target"],
            ratios,
        );
        let times = self.rows.iter().map(Row::times);
        table(["measured", "µs", "control µs", "turns"], times);
        table(["measured", "", "target"], self.figures.iter().cloned());
        for note in &self.notes {
            println!("- {note}");
        }
    }
}

impl Row {
    fn ratio(&self) -> String {
        format!("{:.2}", median(&self.turns.ratios()))
    }

    fn verdict(&self) -> String {
        let ratio = median(&self.turns.ratios());
        self.target
            .map_or_else(String::new, |target| target.verdict(ratio))
    }

    fn ratios(&self) -> [String; 5] {
        let ratios = self.turns.ratios();
        let spread = format!("{:.2}..{:.2}", smallest(&ratios), largest(&ratios));
        let (what, control) = (self.what.clone(), self.control.clone());
        [what, control, self.ratio(), spread, self.verdict()]
    }

    fn times(&self) -> [String; 4] {
        let Turns { measured, control } = &self.turns;
        let turns = measured.len().to_string();
        let [measured, control] = [measured, control].map(|v| format!("{:.0}", median(v)));
        [self.what.clone(), measured, control, turns]
    }
}

/// With three digits or more.
fn rounded(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// A Markdown table that can be read as it is.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let mut lines = vec![head.map(String::from)];
    lines.extend(rows);
    if lines.len() == 1 {
        return;
    }
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    });
    for (number, line) in lines.iter().enumerate() {
        let cells = line
            .iter()
            .zip(widths)
            .map(|(cell, w)| format!("{cell:<w$}"));
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            println!("|{}|", widths.map(|w| "-".repeat(w + 2)).join("|"));
        }
    }
    println!();
}
