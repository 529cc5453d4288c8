//! The page of one bucket: what it asks for, who is in it and why, and what it did last.

use super::buckets::{tags, trouble};
use super::facts::{Bucket, Facts, Member, One, Reason, Transition};
use super::html::Html;
use super::overview::charts;
use super::series::{Series, ahead};
use super::words::{count, length};
use super::{contents, health, meta, tables, tile};
use crate::criteria::Outline;
use crate::criteria::words::duration;
use crate::time::Span;

pub(super) fn page(html: &mut Html, facts: &Facts, one: &One, bucket: &Bucket) {
    html.raw("<h1>").name(&bucket.name);
    tags(html, bucket);
    html.raw("</h1>");
    if bucket.id != bucket.name {
        html.raw("<p class=\"id\">").name(&bucket.id).raw("</p>");
    }
    if let Some(description) = one.description.as_deref().filter(|text| !text.is_empty()) {
        html.raw("<p class=\"lead\">").name(description).raw("</p>");
    }
    meta(html, facts);
    let parts = [
        ("health", "Health"),
        ("moves", "Moves"),
        ("criteria", "Criteria"),
        ("members", "Members"),
        ("transitions", "Transitions"),
        ("consumers", "Consumers"),
        ("jobs", "Jobs"),
    ];
    contents(html, &parts);
    html.raw("</header><main id=\"main\">");
    health::section(html, facts);
    tiles(html, bucket);
    html.raw("<section id=\"moves\" aria-labelledby=\"h-moves\"><h2 id=\"h-moves\">Moves</h2>");
    trouble(html, bucket);
    let days = bucket.days.as_deref().unwrap_or(&[]);
    let series = Series::new(days, bucket.active);
    charts(html, &series, &ahead(&bucket.forecast), facts.today);
    html.raw("</section>");
    criteria(html, one, bucket);
    members(html, one, bucket);
    transitions(html, one);
    tables::consumers(html, facts);
    dependants(html, one);
    tables::jobs(html, facts);
}

fn tiles(html: &mut Html, bucket: &Bucket) {
    html.raw("<section aria-labelledby=\"h-now\"><h2 id=\"h-now\" class=\"unseen\">Now</h2><dl class=\"tiles\">");
    let note = format!("{} left so far", count(bucket.left_total));
    tile(html, "Members", &count(bucket.active), &note);
    let silent = |number: i64| match number {
        0 => String::new(),
        n => format!("and {} silently", count(n)),
    };
    let (entered, left) = (bucket.entered_silently, bucket.left_silently);
    tile(
        html,
        "Entered, 24 h",
        &count(bucket.entered),
        &silent(entered),
    );
    tile(html, "Left, 24 h", &count(bucket.left), &silent(left));
    let stay = bucket.average_stay.map_or_else(|| "–".to_owned(), length);
    tile(html, "Average stay", &stay, "of those who left");
    let (half, most) = match bucket.lateness {
        Some([half, most]) => (length(half), format!("99 of 100: {}", length(most))),
        None => ("–".into(), "the clock moved nobody".into()),
    };
    tile(html, "Lateness, 24 h", &half, &most);
    match (bucket.kind.as_str(), &bucket.next_refresh) {
        ("query", Some(next)) => {
            let note = bucket.refresh_took.map_or_else(String::new, |took| {
                format!("the last took {}", length(took))
            });
            tile(html, "Next refresh", next, &note);
        }
        _ => {
            let next = bucket.next_due.as_deref().unwrap_or("–");
            tile(html, "Next look", next, "");
        }
    }
    html.raw("</dl></section>");
}

fn criteria(html: &mut Html, one: &One, bucket: &Bucket) {
    html.raw("<section id=\"criteria\" aria-labelledby=\"h-criteria\"><h2 id=\"h-criteria\">Criteria</h2>");
    match (&one.outline, &one.criteria, &one.query) {
        (Some(outline), document, _) => {
            html.raw("<ul class=\"tree\">");
            node(html, outline);
            html.raw("</ul>");
            if let Some(document) = document {
                written(html, "The document", document);
            }
        }
        (None, Some(document), _) => {
            html.raw("<p class=\"empty\">These criteria cannot be read.</p>");
            written(html, "The document", document);
        }
        (None, None, Some(query)) => {
            html.raw("<p>Whoever this query returns:</p><pre><code>");
            html.name(query).raw("</code></pre>");
            if let Some(at) = &bucket.refreshed_at {
                html.raw("<p class=\"note\">Last followed ");
                html.text(at).raw("</p>");
            }
        }
        (None, None, None) => {
            html.raw(
                "<p class=\"empty\">Kept by hand, with <code>hogsend_add_member</code> and \
                 <code>hogsend_remove_member</code>.</p>",
            );
        }
    }
    if !one.rules.is_empty() {
        html.raw("<h3>Rules of a stay</h3><dl class=\"checks\">");
        for (what, how) in &one.rules {
            html.raw("<div><dt>").text(what).raw("</dt><dd>");
            html.text(how).raw("</dd></div>");
        }
        html.raw("</dl>");
    }
    html.raw("</section>");
}

fn written(html: &mut Html, what: &'static str, document: &str) {
    html.raw("<details><summary>").raw(what);
    html.raw("</summary><pre><code>").name(document);
    html.raw("</code></pre></details>");
}

/// The recursion is as deep as the tree, which the parser of criteria bounds.
fn node(html: &mut Html, outline: &Outline) {
    let is_heading = !outline.parts.is_empty();
    html.raw(if is_heading {
        "<li class=\"of\">"
    } else {
        "<li>"
    });
    html.name(&outline.words);
    if is_heading {
        html.raw("<ul>");
        for part in &outline.parts {
            node(html, part);
        }
        html.raw("</ul>");
    }
    html.raw("</li>");
}

fn members(html: &mut Html, one: &One, bucket: &Bucket) {
    html.raw(
        "<section id=\"members\" aria-labelledby=\"h-members\"><h2 id=\"h-members\">Members</h2>",
    );
    if one.members.is_empty() {
        html.raw("<p class=\"empty\">Nobody is in it now.</p></section>");
        return;
    }
    html.raw("<p class=\"note\">");
    if bucket.active > one.members.len() as i64 {
        html.text(&count(one.members.len() as i64));
        html.raw(" of ")
            .text(&count(bucket.active))
            .raw(", drawn by a hash of their ids. ");
    }
    html.raw("Each with what was found of every condition.</p>");
    for (place, member) in one.members.iter().enumerate() {
        html.raw(if place == 0 {
            "<details class=\"member\" open>"
        } else {
            "<details class=\"member\">"
        });
        who(html, member);
    }
    html.raw("</section>");
}

fn who(html: &mut Html, member: &Member) {
    html.raw("<summary><span class=\"strong\">")
        .name(&member.user);
    html.raw("</span> <span class=\"id\">since ")
        .text(&member.since);
    if member.entry > 1 {
        html.raw(", entry ").number(member.entry);
    }
    html.raw("</span></summary>");
    let columns = [
        ("<span class=\"unseen\">Holds</span>", false),
        ("Condition", false),
        ("Found", false),
        ("Changes by itself", false),
    ];
    tables::begin(html, "Why the user is in the bucket", &columns);
    for reason in &member.why {
        because(html, reason);
    }
    tables::end(html);
    html.raw("</details>");
}

fn because(html: &mut Html, reason: &Reason) {
    html.raw("<tr><td class=\"mark\">");
    html.raw(match reason.result {
        Some(true) => "<span class=\"yes\" role=\"img\" aria-label=\"holds\">✓</span>",
        Some(false) => "<span class=\"no\" role=\"img\" aria-label=\"does not hold\">✗</span>",
        None => "<span class=\"none\">–</span>",
    });
    html.raw("</td><th scope=\"row\" class=\"d")
        .number(depth(&reason.path));
    html.raw("\">").name(&reason.condition);
    html.raw("</th><td>").name(&reason.observed);
    html.raw("</td><td>");
    match &reason.flips_at {
        Some(at) => html.text(at),
        None => html.raw("<span class=\"none\">–</span>"),
    };
    html.raw("</td></tr>");
}

/// How far below the root a node stands, as far as a page can show.
fn depth(path: &str) -> i64 {
    if !path.starts_with('$') {
        return 0;
    }
    (path.matches('.').count() as i64).min(6)
}

fn transitions(html: &mut Html, one: &One) {
    html.raw("<section id=\"transitions\" aria-labelledby=\"h-transitions\"><h2 id=\"h-transitions\">Latest transitions</h2>");
    if one.transitions.is_empty() {
        html.raw("<p class=\"empty\">None among the latest ")
            .text(&count(one.looked_at))
            .raw(" that are kept.</p></section>");
        return;
    }
    let columns = [
        ("Effective", false),
        ("User", false),
        ("What", false),
        ("Why", false),
        ("By", false),
        ("Entry", true),
    ];
    tables::begin(html, "The latest transitions of the bucket", &columns);
    for transition in &one.transitions {
        moved(html, transition);
    }
    tables::end(html);
    html.raw("</section>");
}

fn moved(html: &mut Html, transition: &Transition) {
    html.raw("<tr><td class=\"when\">")
        .text(&transition.at)
        .raw("</td><th scope=\"row\">");
    html.name(&transition.user).raw("</th><td>");
    match transition.transition.as_str() {
        "entered" => html.raw("<span class=\"in\">entered</span>"),
        "left" => html.raw("<span class=\"out\">left</span>"),
        other => html.text(other),
    };
    if let Some(label) = &transition.dwell {
        html.raw(" <span class=\"id\">").text(&dwelled(label));
        if let Some(count) = transition.dwell_count.filter(|count| *count > 1) {
            html.raw(", number ").number(count);
        }
        html.raw("</span>");
    }
    html.raw("</td><td>");
    html.text(match transition.reason.as_deref().unwrap_or("") {
        "criteria" => "criteria no longer held",
        "maxDwell" => "time was up",
        "manual" => "by hand",
        "bucketDeleted" => "bucket was deleted",
        other => other,
    });
    html.raw("</td><td>")
        .text(match transition.source.as_str() {
            "event" => "new data",
            "reconcile" => "the clock",
            "backfill" => "a backfill",
            "manual" => "hand",
            other => other,
        });
    html.raw("</td><td class=\"n\">")
        .number(transition.entry)
        .raw("</td></tr>");
}

/// Nothing where nobody depends on the bucket.
fn dependants(html: &mut Html, one: &One) {
    if one.journeys.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"h-dependants\"><h2 id=\"h-dependants\">Journeys that follow it</h2><ul class=\"tree\">");
    for journey in &one.journeys {
        html.raw("<li>").name(journey).raw("</li>");
    }
    html.raw("</ul></section>");
}

/// The label of a dwell in words; its number is in milliseconds.
fn dwelled(label: &str) -> String {
    let said = label.split_once('-').and_then(|(when, milliseconds)| {
        let span = Span(milliseconds.parse::<i64>().ok()?.checked_mul(1_000)?);
        Some(format!("{when} {}", duration(span)))
    });
    said.unwrap_or_else(|| label.to_owned())
}
