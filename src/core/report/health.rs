//! What hogsend_health() says: first what is not well, then all of it.

use super::facts::Facts;
use super::html::Html;

pub(super) fn section(html: &mut Html, facts: &Facts) {
    let failing: Vec<_> = facts.checks.iter().filter(|check| !check.ok).collect();
    html.raw("<section id=\"health\" aria-labelledby=\"h-health\"><h2 id=\"h-health\">Health</h2>");
    if facts.checks.is_empty() {
        html.raw("<p class=\"empty\">Nothing was checked.</p></section>");
        return;
    }
    html.raw(if failing.is_empty() {
        "<p class=\"verdict ok\"><span class=\"dot\" aria-hidden=\"true\"></span>All "
    } else {
        "<p class=\"verdict warn\"><span class=\"dot\" aria-hidden=\"true\"></span>"
    });
    if !failing.is_empty() {
        html.number(failing.len() as i64).raw(" of ");
    }
    html.number(facts.checks.len() as i64);
    html.raw(match failing.len() {
        0 => " checks are well.",
        1 => " checks needs attention.",
        _ => " checks need attention.",
    });
    html.raw("</p>");
    if !failing.is_empty() {
        html.raw("<ul class=\"failing\">");
        for check in failing {
            html.raw("<li><h3>").text(&check.name);
            html.raw("</h3><p>").name(&check.detail).raw("</p></li>");
        }
        html.raw("</ul>");
    }
    html.raw("<details><summary>All checks</summary><dl class=\"checks\">");
    for check in &facts.checks {
        html.raw("<div><dt>").text(&check.name).raw("</dt><dd>");
        html.raw(if check.ok {
            "<span class=\"tag ok\">well</span> "
        } else {
            "<span class=\"tag warn\">look</span> "
        });
        html.name(&check.detail).raw("</dd></div>");
    }
    html.raw("</dl></details></section>");
}
