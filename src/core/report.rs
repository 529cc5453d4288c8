//! What there is and how it goes, as a page for people: one file, for a browser, that needs nothing
//! else. It takes what the database tells ([`Facts`]) and knows no more.
//!
//! The page works without its script, which only searches; a content security policy lets that very
//! script run and no other, and nothing be fetched.

mod buckets;
mod chart;
mod facts;
mod health;
mod html;
mod journeys;
mod one;
mod overview;
mod series;
mod tables;
mod words;

pub use facts::{
    AHEAD, Bucket, Check, Consumer, Day, Facts, Feed, HISTORY, Job, Member, One, Reason, Step,
    Transition,
};

use html::{Html, policy_hash};
use std::sync::LazyLock;

const STYLE: &str = include_str!("report/page.css");
const SCRIPT: &str = include_str!("report/search.js");

/// What the page may do: be drawn, and search in itself.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        policy_hash(STYLE),
        policy_hash(SCRIPT)
    )
});

/// Five spines.
const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 32 24\" aria-hidden=\"true\" focusable=\"false\">\
     <path d=\"M3 21 8 9M9.500 19 12 4M16 18V2M22.500 19 20 4M29 21 24 9\"/></svg>";

/// The page of all buckets, or of the one that the facts are about.
pub fn page(facts: &Facts) -> String {
    let mut html = Html::default();
    head(&mut html, facts);
    html.raw("<a class=\"skip\" href=\"#main\">To the content</a><header class=\"top\">");
    html.raw("<p class=\"brand\">").raw(MARK).raw("hogsend</p>");
    match (&facts.one, facts.buckets.first()) {
        (Some(one), Some(bucket)) => one::page(&mut html, facts, one, bucket),
        _ => overview::page(&mut html, facts),
    }
    foot(&mut html, facts);
    html.into_string()
}

fn head(html: &mut Html, facts: &Facts) {
    html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.text(&POLICY).raw("\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">");
    html.raw("<meta name=\"robots\" content=\"noindex\">");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\"><title>");
    match facts.one.as_ref().and_then(|_| facts.buckets.first()) {
        Some(bucket) => html.text(&bucket.name).raw(" · hogsend"),
        None => html.text(&facts.database).raw(" · hogsend"),
    };
    html.raw("</title><link rel=\"icon\" href=\"data:,\"><style>");
    html.raw(STYLE).raw("</style></head><body>");
}

/// When it was made, of which database, and with whose rights.
fn meta(html: &mut Html, facts: &Facts) {
    html.raw("<p class=\"meta\"><span>Database ")
        .name(&facts.database);
    html.raw("</span><span>as ").name(&facts.role);
    html.raw(" sees it</span><span><time>").text(&facts.at);
    html.raw("</time> ").text(&facts.zone);
    html.raw("</span></p>");
}

/// Links to the parts of the page, by their ids.
fn contents(html: &mut Html, parts: &[(&'static str, &'static str)]) {
    html.raw("<nav aria-label=\"Contents\"><ul>");
    for (id, name) in parts {
        html.raw("<li><a href=\"#").raw(id).raw("\">").raw(name);
        html.raw("</a></li>");
    }
    html.raw("</ul></nav>");
}

/// One of the numbers on top.
fn tile(html: &mut Html, name: &'static str, number: &str, note: &str) {
    html.raw("<div><dt>")
        .raw(name)
        .raw("</dt><dd><span class=\"");
    // A date is longer than any number.
    let is_long = number.len() > 12 && number.contains('-');
    html.raw(if is_long { "big text\">" } else { "big\">" });
    html.text(number).raw("</span>");
    if !note.is_empty() {
        html.raw("<span class=\"note\">").text(note).raw("</span>");
    }
    html.raw("</dd></div>");
}

fn foot(html: &mut Html, facts: &Facts) {
    html.raw("</main><footer><p>Made by <code>SELECT hogsend_report(");
    match facts.one.as_ref().and_then(|_| facts.buckets.first()) {
        Some(bucket) => {
            let quoted = format!("'{}'", bucket.id.replace('\'', "''"));
            html.name(&quoted).raw(")</code>");
        }
        None => {
            html.raw(
                ")</code>; <code>hogsend_report('bucket')</code> says more of one bucket, among it who \
                 is in it and why",
            );
        }
    }
    html.raw(". hogsend ").text(&facts.version);
    html.raw(". The page holds no more than that role may read, and fetches nothing.</p></footer>");
    // The page about one bucket has nothing to search in.
    if facts.one.is_none() {
        html.raw("<script>").raw(SCRIPT).raw("</script>");
    }
    html.raw("</body></html>\n");
}
