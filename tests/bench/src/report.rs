//! Collects the measurements and prints them: ratios first, times after.

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

#[derive(Default)]
pub struct Report {
    rows: Vec<(String, String, Turns)>,
    notes: Vec<String>,
}

impl Report {
    pub fn add(&mut self, what: &str, control: &str, turns: Turns) {
        eprintln!("bench: {what}: {:.2}", median(&turns.ratios()));
        self.rows.push((what.into(), control.into(), turns));
    }

    /// Something absolute that has no control.
    pub fn note(&mut self, text: String) {
        eprintln!("bench: {text}");
        self.notes.push(text);
    }

    pub fn print(&self) {
        let ratios = self.rows.iter().map(|(what, control, turns)| {
            let ratios = turns.ratios();
            let spread = format!("{:.2}..{:.2}", smallest(&ratios), largest(&ratios));
            let ratio = format!("{:.2}", median(&ratios));
            [what.clone(), control.clone(), ratio, spread]
        });
        table(["measured", "against", "ratio", "min..max"], ratios);
        let times = self.rows.iter().map(|(what, _, turns)| {
            let (measured, control) = (median(&turns.measured), median(&turns.control));
            let turns = turns.measured.len().to_string();
            [what.clone(), whole(measured), whole(control), turns]
        });
        table(["measured", "µs", "control µs", "turns"], times);
        for note in &self.notes {
            println!("- {note}");
        }
    }
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// A Markdown table that can be read as it is.
fn table(head: [&str; 4], rows: impl Iterator<Item = [String; 4]>) {
    let mut lines = vec![head.map(String::from)];
    lines.extend(rows);
    let width = |column: usize| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
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
