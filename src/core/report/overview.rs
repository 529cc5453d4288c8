//! The page of all buckets.

use super::facts::{Facts, HISTORY};
use super::html::Html;
use super::series::{Moves, Series, ahead, sum};
use super::words::{count, date, day, length};
use super::{buckets, chart, contents, health, journeys, meta, tables, tile};

pub(super) fn page(html: &mut Html, facts: &Facts) {
    html.raw("<h1>Buckets</h1>");
    meta(html, facts);
    let mut parts = vec![
        ("health", "Health"),
        ("moves", "Moves"),
        ("buckets", "Buckets"),
        ("consumers", "Consumers"),
    ];
    if !facts.journeys.is_empty() {
        parts.push(("journeys", "Journeys"));
    }
    if !facts.feeds.is_empty() {
        parts.push(("feeds", "Attached tables"));
    }
    parts.push(("jobs", "Jobs"));
    contents(html, &parts);
    html.raw("</header><main id=\"main\">");
    health::section(html, facts);
    tiles(html, facts);
    moves(html, facts);
    buckets::section(html, facts);
    tables::consumers(html, facts);
    journeys::section(html, facts);
    tables::feeds(html, facts);
    tables::jobs(html, facts);
}

fn tiles(html: &mut Html, facts: &Facts) {
    let all = |of: fn(&super::Bucket) -> i64| sum(facts.buckets.iter().map(of));
    html.raw("<section aria-labelledby=\"h-now\"><h2 id=\"h-now\" class=\"unseen\">Now</h2><dl class=\"tiles\">");
    let disabled = facts.defined.saturating_sub(facts.enabled);
    let note = match disabled {
        0 => String::new(),
        n => format!("{} disabled", count(n)),
    };
    tile(html, "Buckets", &count(facts.defined), &note);
    tile(
        html,
        "Members",
        &count(all(|bucket| bucket.active)),
        "a user counts once a bucket",
    );
    let silent = |number: i64| match number {
        0 => String::new(),
        n => format!("and {} silently", count(n)),
    };
    let note = silent(all(|bucket| bucket.entered_silently));
    tile(
        html,
        "Entered, 24 h",
        &count(all(|bucket| bucket.entered)),
        &note,
    );
    let note = silent(all(|bucket| bucket.left_silently));
    tile(html, "Left, 24 h", &count(all(|bucket| bucket.left)), &note);
    let latest = facts
        .buckets
        .iter()
        .filter_map(|bucket| bucket.lateness.map(|[_, latest]| latest))
        .fold(None, |worst: Option<f64>, lateness| {
            Some(worst.map_or(lateness, |worst| worst.max(lateness)))
        });
    let (lateness, note) = match latest {
        Some(lateness) => (length(lateness), "99 of 100 moves, worst bucket"),
        None => ("–".into(), "the clock moved nobody"),
    };
    tile(html, "Lateness, 24 h", &lateness, note);
    if let Some(contacts) = facts.contacts {
        tile(html, "Contacts", &format!("~{}", count(contacts)), "");
    }
    if let Some(events) = facts.events {
        tile(html, "Events", &format!("~{}", count(events)), "");
    }
    html.raw("</dl></section>");
}

/// How many moved, of all buckets together, and how many come.
fn moves(html: &mut Html, facts: &Facts) {
    let active = sum(facts.buckets.iter().map(|bucket| bucket.active));
    let series = Series::new(&facts.days, active);
    html.raw("<section id=\"moves\" aria-labelledby=\"h-moves\"><h2 id=\"h-moves\">Moves</h2>");
    charts(html, &series, &ahead(&facts.forecast), facts.today);
    html.raw("</section>");
}

/// The three charts, and the numbers that they show.
pub(super) fn charts(html: &mut Html, series: &Series, due: &[i64; 7], today: i64) {
    let first = chart::label(0, today);
    html.raw(
        "<div class=\"charts\"><figure><figcaption><h3>Members</h3> at the end of each day</figcaption>",
    );
    let largest = series.size.iter().copied().max().unwrap_or(0);
    html.raw("<p class=\"axis\"><span>")
        .text(&count(largest))
        .raw("</span></p>");
    chart::large_size(html, series);
    html.raw("<p class=\"axis\"><span>").text(&first);
    html.raw("</span><span>today</span></p></figure>");

    html.raw(
        "<figure><figcaption><h3>Entered and left</h3> a day: <span class=\"key in\">entered</span> \
         <span class=\"key out\">left</span> <span class=\"key pale\">silently</span></figcaption>",
    );
    if series.has_moves() {
        let most = |of: fn(Moves) -> i64| series.moves.iter().map(|d| of(*d)).max().unwrap_or(0);
        html.raw("<p class=\"axis\"><span>up to ");
        html.text(&count(most(Moves::all_entered)))
            .raw(" in, ")
            .text(&count(most(Moves::all_left)))
            .raw(" out</span></p>");
        chart::large_moves(html, series, today);
        html.raw("<p class=\"axis\"><span>").text(&first);
        html.raw("</span><span>today</span></p>");
    } else {
        html.raw("<p class=\"empty\">Nobody moved in ")
            .number(HISTORY as i64)
            .raw(" days.</p>");
    }
    html.raw("</figure><figure><figcaption><h3>Due</h3> in the next 7 days</figcaption>");
    if due.iter().any(|due| *due > 0) {
        html.raw("<p class=\"axis\"><span>up to ");
        html.text(&count(due.iter().copied().max().unwrap_or(0)))
            .raw("</span></p>");
        chart::large_ahead(html, due, today);
        html.raw("<p class=\"axis\"><span>today</span><span>");
        html.text(&day(today.saturating_add(6))).raw("</span></p>");
    } else {
        html.raw("<p class=\"empty\">The clock has nothing to look at.</p>");
    }
    html.raw("</figure></div>");
    if series.has_moves() {
        numbers(html, series, today);
    }
}

fn numbers(html: &mut Html, series: &Series, today: i64) {
    html.raw("<details><summary>The numbers</summary>");
    let columns = [
        ("Day", false),
        ("Entered", true),
        ("Silently", true),
        ("Left", true),
        ("Silently", true),
        ("Members", true),
    ];
    tables::begin(html, "Moves and members by day, the latest first", &columns);
    for (ago, (moves, size)) in (0..).zip(series.moves.iter().zip(series.size).rev()) {
        if *moves == Moves::default() {
            continue;
        }
        html.raw("<tr><th scope=\"row\">")
            .text(&date(today.saturating_sub(ago)))
            .raw("</th>");
        for number in [
            moves.entered,
            moves.entered_silently,
            moves.left,
            moves.left_silently,
            size,
        ] {
            html.raw("<td class=\"n\">")
                .text(&count(number))
                .raw("</td>");
        }
        html.raw("</tr>");
    }
    tables::end(html);
    html.raw("</details>");
}
