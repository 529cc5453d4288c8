//! The buckets, the busiest first.

use super::facts::{Bucket, Facts};
use super::html::Html;
use super::series::{Series, ahead, sum};
use super::words::{count, length, of};
use super::{chart, tables};

/// So many and more are searched.
const WORTH_A_SEARCH: usize = 8;

/// What the columns are called, where a narrow screen shows no heads.
const COLUMNS: [(&str, bool); 7] = [
    ("Bucket", false),
    ("Members", true),
    ("Size, 60 days", false),
    ("Moves, 24 h", true),
    ("Moves, 30 days", false),
    ("Due, 7 days", false),
    ("Lateness, 24 h", true),
];

pub(super) fn section(html: &mut Html, facts: &Facts) {
    html.raw(
        "<section id=\"buckets\" aria-labelledby=\"h-buckets\"><h2 id=\"h-buckets\">Buckets</h2>",
    );
    if facts.buckets.is_empty() {
        html.raw(
            "<p class=\"empty\">No bucket is defined yet, or none that this role may see. \
             <code>SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within =&gt; '7 days'))</code> \
             defines one.</p></section>",
        );
        return;
    }
    if facts.buckets.len() >= WORTH_A_SEARCH {
        html.raw(
            "<search><label for=\"find\" hidden>Find a bucket <input id=\"find\" type=\"search\" autocomplete=\"off\" \
             spellcheck=\"false\" placeholder=\"name or id\"></label> <span id=\"found\" role=\"status\"></span></search>",
        );
    }
    let (shown, rest): (Vec<&Bucket>, Vec<&Bucket>) = facts
        .buckets
        .iter()
        .partition(|bucket| bucket.days.is_some());
    if !shown.is_empty() {
        detailed(html, &shown, facts.today);
    }
    if !rest.is_empty() {
        listed(html, &rest, shown.is_empty());
    }
    html.raw("</section>");
}

/// The roles are said, because a narrow screen lays the cells out by themselves, and then a browser
/// may take the table for none.
fn detailed(html: &mut Html, buckets: &[&Bucket], today: i64) {
    html.raw("<table class=\"buckets\" role=\"table\"><caption>Buckets, those in which most moved first</caption><thead role=\"rowgroup\"><tr role=\"row\">");
    for (column, is_number) in COLUMNS {
        html.raw(if is_number {
            "<th scope=\"col\" role=\"columnheader\" class=\"n\">"
        } else {
            "<th scope=\"col\" role=\"columnheader\">"
        });
        html.raw(column).raw("</th>");
    }
    html.raw("</tr></thead><tbody role=\"rowgroup\">");
    for bucket in buckets {
        row(html, bucket, today);
    }
    html.raw("</tbody></table>");
}

fn row(html: &mut Html, bucket: &Bucket, today: i64) {
    let days = bucket.days.as_deref().unwrap_or(&[]);
    let series = Series::new(days, bucket.active);
    let due = ahead(&bucket.forecast);
    html.raw("<tr role=\"row\" data-b>");
    heading(html, bucket);
    cell(html, "Members", "n strong");
    html.text(&count(bucket.active)).raw("</td>");
    let was_empty = bucket.active == 0 && !series.has_moves();
    cell(html, "Size, 60 days", if was_empty { "c e" } else { "c" });
    if was_empty {
        html.raw("<span class=\"none\">–</span>");
    } else {
        chart::small_size(html, &series);
    }
    html.raw("</td>");
    let is_still = bucket.moves() == 0;
    cell(html, "Moves, 24 h", if is_still { "n e" } else { "n" });
    moves(html, bucket);
    html.raw("</td>");
    let has_moves = series.has_moves_within(chart::SHORT);
    cell(html, "Moves, 30 days", if has_moves { "c" } else { "c e" });
    if has_moves {
        chart::small_moves(html, &series);
    } else {
        html.raw("<span class=\"none\">–</span>");
    }
    html.raw("</td>");
    let looks = sum(due);
    cell(html, "Due, 7 days", if looks > 0 { "c" } else { "c e" });
    match looks {
        0 => {
            html.raw("<span class=\"none\">–</span>");
        }
        all => {
            chart::small_ahead(html, &due, today);
            html.raw("<span class=\"beside\">")
                .text(&count(all))
                .raw("</span>");
        }
    }
    html.raw("</td>");
    let is_late = bucket.lateness.is_some();
    cell(html, "Lateness, 24 h", if is_late { "n" } else { "n e" });
    match bucket.lateness {
        Some([half, most]) => {
            html.text(&length(half))
                .raw("<span class=\"id\">99 %: ")
                .text(&length(most))
                .raw("</span>");
        }
        None => {
            html.raw("<span class=\"none\">–</span>");
        }
    }
    html.raw("</td></tr>");
}

fn cell(html: &mut Html, label: &'static str, class: &'static str) {
    html.raw("<td role=\"cell\" class=\"").raw(class);
    html.raw("\" data-l=\"").raw(label).raw("\">");
}

/// Name, id and whatever is out of the ordinary.
fn heading(html: &mut Html, bucket: &Bucket) {
    html.raw("<th scope=\"row\" role=\"rowheader\">");
    html.name(&bucket.name);
    tags(html, bucket);
    if bucket.id != bucket.name {
        html.raw("<div class=\"id\">")
            .name(&bucket.id)
            .raw("</div>");
    }
    trouble(html, bucket);
    html.raw("</th>");
}

pub(super) fn tags(html: &mut Html, bucket: &Bucket) {
    match bucket.kind.as_str() {
        "manual" => html.raw(" <span class=\"tag\">manual</span>"),
        "query" => html.raw(" <span class=\"tag\">query</span>"),
        _ => html,
    };
    if !bucket.enabled {
        html.raw(" <span class=\"tag warn\">disabled</span>");
    }
}

/// What its job or its query says.
pub(super) fn trouble(html: &mut Html, bucket: &Bucket) {
    if let Some(job) = &bucket.job {
        html.raw("<div class=\"job\">").name(job).raw("</div>");
    }
    let told = bucket.job.as_deref().unwrap_or("");
    if let Some(error) = bucket.refresh_error.as_deref()
        && !told.contains(error)
    {
        html.raw("<div class=\"error\">the query fails: ")
            .name(error)
            .raw("</div>");
    }
}

/// In and out of the last day; what was said to nobody in a second line.
fn moves(html: &mut Html, bucket: &Bucket) {
    let (entered, left) = (bucket.entered, bucket.left);
    let silent = bucket.entered_silently.saturating_add(bucket.left_silently);
    if bucket.moves() == 0 {
        html.raw("<span class=\"none\">–</span>");
        return;
    }
    html.raw("<span class=\"in\">+").text(&count(entered));
    html.raw("</span> <span class=\"out\">−")
        .text(&count(left))
        .raw("</span>");
    if silent > 0 {
        html.raw("<span class=\"id\">")
            .text(&count(silent))
            .raw(" silently</span>");
    }
}

/// Those for which there is no room, in short.
fn listed(html: &mut Html, buckets: &[&Bucket], are_all: bool) {
    html.raw("<details id=\"rest\"><summary>");
    html.text(&of(buckets.len() as i64, "bucket"));
    html.raw(if are_all {
        "</summary>"
    } else {
        " more, in which fewer moved</summary>"
    });
    let columns = [
        ("Bucket", false),
        ("Members", true),
        ("Entered, 24 h", true),
        ("Left, 24 h", true),
    ];
    tables::begin(html, "The other buckets", &columns);
    for bucket in buckets {
        html.raw("<tr data-b><th scope=\"row\">").name(&bucket.name);
        tags(html, bucket);
        if bucket.id != bucket.name {
            html.raw(" <span class=\"id\">")
                .name(&bucket.id)
                .raw("</span>");
        }
        trouble(html, bucket);
        html.raw("</th>");
        for number in [bucket.active, bucket.entered, bucket.left] {
            html.raw("<td class=\"n\">")
                .text(&count(number))
                .raw("</td>");
        }
        html.raw("</tr>");
    }
    tables::end(html);
    html.raw("</details>");
}
