//! Charts: pictures with a title and a description, so that nobody must see them.

use super::facts::{AHEAD, HISTORY};
use super::html::Html;
use super::series::{Moves, Series, sum};
use super::words::{count, day, of};

/// As many days of moves fit into a row of a table.
pub(super) const SHORT: usize = 30;

/// Height of the small ones, and of one that stands alone.
const SMALL: i64 = 28;
const LARGE: i64 = 160;

/// How high a value is drawn where the largest is `height`; what is there at all can be seen.
fn scaled(value: i64, largest: i64, height: i64) -> i64 {
    if value <= 0 || largest <= 0 {
        return 0;
    }
    let exact = i128::from(value) * i128::from(height);
    i64::try_from((exact / i128::from(largest)).max(1)).map_or(height, |drawn| drawn.min(height))
}

fn bar(html: &mut Html, x: i64, y: i64, width: i64, height: i64) {
    if height > 0 {
        html.raw("M").number(x).raw(" ").number(y);
        html.raw("h").number(width).raw("v").number(height);
        html.raw("h-").number(width).raw("z");
    }
}

fn opened(html: &mut Html, class: &'static str, width: i64, height: i64) {
    html.raw("<svg role=\"img\" class=\"").raw(class);
    html.raw("\" viewBox=\"0 0 ").number(width).raw(" ");
    html.number(height)
        .raw("\" preserveAspectRatio=\"none\"><title>");
}

/// How many members there were, in a row of a table.
pub(super) fn small_size(html: &mut Html, series: &Series) {
    size(html, series, "spark", 2, SMALL);
}

/// The same by itself.
pub(super) fn large_size(html: &mut Html, series: &Series) {
    size(html, series, "large", 10, LARGE);
}

fn size(html: &mut Html, series: &Series, class: &'static str, step: i64, height: i64) {
    let largest = series.size.iter().copied().max().unwrap_or(0);
    let (first, last) = (series.size[0], series.size[HISTORY - 1]);
    let width = step * (HISTORY as i64 - 1);
    opened(html, class, width, height);
    html.raw("Members over ").number(HISTORY as i64);
    html.raw(" days</title><desc>From ").text(&count(first));
    html.raw(" to ").text(&count(last)).raw(", at most ");
    html.text(&count(largest)).raw(".</desc>");
    // A line on the edge would be cut in half.
    let room = height - 2;
    let heights = series.size.map(|size| scaled(size, largest, room));
    let line = |html: &mut Html| {
        let mut before = heights[0];
        for now in &heights[1..] {
            html.raw("l").number(step).raw(" ").number(before - now);
            before = *now;
        }
    };
    if largest > 0 {
        html.raw("<path class=\"area\" d=\"M0 ").number(height);
        html.raw("v-").number(heights[0] + 1);
        line(html);
        html.raw("V").number(height).raw("z\"/>");
    }
    html.raw("<path class=\"line\" d=\"M0 ")
        .number(height - 1 - heights[0]);
    line(html);
    html.raw("\"/></svg>");
}

/// Who entered and left on each of the last days, in a row of a table.
pub(super) fn small_moves(html: &mut Html, series: &Series) {
    let days = &series.moves[HISTORY - SHORT..];
    opened(html, "spark", SHORT as i64 * 4 - 1, SMALL);
    html.raw("Entered and left over ").number(SHORT as i64);
    html.raw(" days</title><desc>");
    told(html, days);
    html.raw("</desc>");
    bars(html, days, 4, 3, SMALL);
    html.raw("</svg>");
}

/// The same of all days, each with its numbers for whoever points at it.
pub(super) fn large_moves(html: &mut Html, series: &Series, today: i64) {
    let width = HISTORY as i64 * 10;
    opened(html, "large", width, LARGE);
    html.raw("Entered and left over ").number(HISTORY as i64);
    html.raw(" days</title><desc>");
    told(html, &series.moves);
    html.raw("</desc>");
    bars(html, &series.moves, 10, 8, LARGE);
    for (place, moves) in series.moves.iter().enumerate() {
        if *moves == Moves::default() {
            continue;
        }
        html.raw("<g><title>").text(&label(place, today));
        html.raw(": ").text(&count(moves.all_entered()));
        html.raw(" entered, ")
            .text(&count(moves.all_left()))
            .raw(" left");
        let silent = moves.entered_silently.saturating_add(moves.left_silently);
        if silent > 0 {
            html.raw(" (").text(&count(silent)).raw(" silently)");
        }
        html.raw("</title><rect class=\"hit\" x=\"")
            .number(place as i64 * 10);
        html.raw("\" width=\"10\" height=\"")
            .number(LARGE)
            .raw("\"/></g>");
    }
    html.raw("</svg>");
}

/// The day in a place of the past.
pub(super) fn label(place: usize, today: i64) -> String {
    day(today.saturating_sub((HISTORY - 1 - place) as i64))
}

fn told(html: &mut Html, days: &[Moves]) {
    let entered = sum(days.iter().map(|day| day.all_entered()));
    let left = sum(days.iter().map(|day| day.all_left()));
    html.text(&count(entered)).raw(" entered and ");
    html.text(&count(left)).raw(" left.");
}

/// Who entered above the line and who left below it; who did so without a word stands outside, paler.
fn bars(html: &mut Html, days: &[Moves], step: i64, wide: i64, height: i64) {
    let most = |of: fn(Moves) -> i64| days.iter().map(|day| of(*day)).max().unwrap_or(0);
    let (above, below) = (most(Moves::all_entered), most(Moves::all_left));
    let room = height - 1;
    let both = above.saturating_add(below);
    let line = scaled(above, both, room);
    let mut paths = [(); 4].map(|()| Html::default());
    for (x, day) in (0..).step_by(step as usize).zip(days) {
        let (entered, left) = (day.all_entered(), day.all_left());
        let top = scaled(entered, above, line);
        let told = scaled(day.entered, above, line).min(top);
        bar(&mut paths[0], x, line - told, wide, told);
        bar(&mut paths[1], x, line - top, wide, top - told);
        let bottom = scaled(left, below, room - line);
        let told = scaled(day.left, below, room - line).min(bottom);
        bar(&mut paths[2], x, line + 1, wide, told);
        bar(&mut paths[3], x, line + 1 + told, wide, bottom - told);
    }
    html.raw("<path class=\"rule\" d=\"M0 ").number(line);
    html.raw("h")
        .number(step * days.len() as i64)
        .raw("v1H0z\"/>");
    let classes = ["in", "in pale", "out", "out pale"];
    for (class, path) in classes.into_iter().zip(paths) {
        let path = path.into_string();
        if !path.is_empty() {
            html.raw("<path class=\"").raw(class).raw("\" d=\"");
            html.text(&path).raw("\"/>");
        }
    }
}

/// How many are to be looked at, in a row of a table.
pub(super) fn small_ahead(html: &mut Html, days: &[i64; AHEAD], today: i64) {
    ahead(html, days, today, "spark week", 8, 6, SMALL);
}

pub(super) fn large_ahead(html: &mut Html, days: &[i64; AHEAD], today: i64) {
    ahead(html, days, today, "large", 30, 24, LARGE);
}

fn ahead(
    html: &mut Html,
    days: &[i64; AHEAD],
    today: i64,
    class: &'static str,
    step: i64,
    wide: i64,
    height: i64,
) {
    let most = days.iter().copied().max().unwrap_or(0);
    let width = step * AHEAD as i64;
    opened(html, class, width, height);
    html.raw("Due in the next ").number(AHEAD as i64);
    html.raw(" days</title><desc>");
    for (place, due) in (0..).zip(days) {
        let separator = if place == 0 { "" } else { ", " };
        html.raw(separator);
        html.text(&day(today.saturating_add(place)))
            .raw(": ")
            .text(&count(*due));
    }
    html.raw(".</desc><path class=\"rule\" d=\"M0 ")
        .number(height - 1);
    html.raw("h").number(width).raw("v1H0z\"/>");
    if most > 0 {
        html.raw("<path class=\"due\" d=\"");
        for (x, due) in (0..).step_by(step as usize).zip(days) {
            let drawn = scaled(*due, most, height - 1);
            bar(html, x, height - 1 - drawn, wide, drawn);
        }
        html.raw("\"/>");
    }
    if class == "large" {
        for (place, due) in (0..).zip(days) {
            html.raw("<g><title>")
                .text(&day(today.saturating_add(place)));
            html.raw(": ").text(&of(*due, "look")).raw("</title>");
            html.raw("<rect class=\"hit\" x=\"").number(place * step);
            html.raw("\" width=\"").number(step).raw("\" height=\"");
            html.number(height).raw("\"/></g>");
        }
    }
    html.raw("</svg>");
}
