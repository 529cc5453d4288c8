//! Journeys: at which step how many are, and how they fared there.

use super::facts::{Facts, Step};
use super::html::Html;
use super::tables;
use super::words::{count, length};

/// Nothing where there is no journey.
pub(super) fn section(html: &mut Html, facts: &Facts) {
    if facts.journeys.is_empty() {
        return;
    }
    html.raw("<section id=\"journeys\" aria-labelledby=\"h-journeys\"><h2 id=\"h-journeys\">Journeys</h2>");
    let columns = [
        ("Step", false),
        ("There now", true),
        ("Reached", true),
        ("Timed out", true),
        ("Exited", true),
        ("Median time", true),
    ];
    tables::begin(html, "Steps of journeys and who is at each", &columns);
    let mut before: Option<&str> = None;
    for step in &facts.journeys {
        if before != Some(step.journey.as_str()) {
            heading(html, step);
            before = Some(&step.journey);
        }
        if step.is_taken {
            row(html, step);
        }
    }
    tables::end(html);
    html.raw("</section>");
}

fn heading(html: &mut Html, step: &Step) {
    html.raw("<tr><th scope=\"rowgroup\" colspan=\"6\"><span class=\"strong\">");
    html.name(&step.name).raw("</span>");
    if !step.enabled {
        html.raw(" <span class=\"tag warn\">disabled</span>");
    }
    if step.name != step.journey {
        html.raw(" <span class=\"id\">")
            .name(&step.journey)
            .raw("</span>");
    }
    if !step.is_taken {
        html.raw(" <span class=\"id\">nobody has begun it</span>");
    }
    html.raw("</th></tr>");
}

fn row(html: &mut Html, step: &Step) {
    html.raw("<tr><th scope=\"row\" class=\"d1\">");
    match step.label.as_deref().filter(|label| !label.is_empty()) {
        Some(label) => html.name(label),
        None => html.raw("<span class=\"none\">begun, not yet told where</span>"),
    };
    html.raw("</th>");
    for number in [step.waiting, step.reached, step.timed_out, step.exited] {
        html.raw("<td class=\"n\">")
            .text(&count(number))
            .raw("</td>");
    }
    html.raw("<td class=\"n\">");
    match step.median {
        Some(median) => html.text(&length(median)),
        None => html.raw("<span class=\"none\">–</span>"),
    };
    html.raw("</td></tr>");
}
