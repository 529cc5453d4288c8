//! The tables of who is told, what is attached and what is at work.

use super::facts::{Consumer, Facts, Feed, Job};
use super::html::Html;
use super::words::{count, length};

/// A table that a narrow screen moves sideways in; its caption is for whoever cannot see what it
/// stands under.
pub(super) fn begin(html: &mut Html, caption: &'static str, columns: &[(&'static str, bool)]) {
    html.raw("<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"");
    html.text(caption).raw("\"><table><caption>");
    html.text(caption).raw("</caption><thead><tr>");
    for (column, is_number) in columns {
        html.raw(if *is_number {
            "<th scope=\"col\" class=\"n\">"
        } else {
            "<th scope=\"col\">"
        });
        html.raw(column).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
}

pub(super) fn end(html: &mut Html) {
    html.raw("</tbody></table></div>");
}

/// A number that says what is wrong, if it is not zero.
fn bad(html: &mut Html, number: i64) {
    html.raw(if number > 0 {
        "<td class=\"n warn\">"
    } else {
        "<td class=\"n\">"
    });
    html.text(&count(number)).raw("</td>");
}

fn number(html: &mut Html, number: i64) {
    html.raw("<td class=\"n\">")
        .text(&count(number))
        .raw("</td>");
}

/// A dash is for eyes alone.
fn maybe(html: &mut Html, text: Option<&str>) {
    match text {
        Some(text) => html.text(text),
        None => html.raw("<span class=\"none\">–</span>"),
    };
}

pub(super) fn consumers(html: &mut Html, facts: &Facts) {
    html.raw("<section id=\"consumers\" aria-labelledby=\"h-consumers\"><h2 id=\"h-consumers\">Consumers</h2>");
    if facts.consumers.is_empty() {
        let (before, after) = match &facts.one {
            Some(_) => (
                "Nobody who polls asked for this bucket. ",
                " subscribes; whoever listens on the channel ",
            ),
            None => (
                "Nobody polls transitions yet. ",
                " subscribes; whoever listens on the channel ",
            ),
        };
        html.raw("<p class=\"empty\">").raw(before);
        html.raw("<code>SELECT hogsend_subscribe('name')</code>")
            .raw(after);
        html.raw("<code>bucket_transitions</code> is told all the same.</p></section>");
        return;
    }
    let columns = [
        ("Consumer", false),
        ("Behind", true),
        ("Oldest", true),
        ("Asked last", false),
        ("Acknowledged last", false),
        ("State", false),
    ];
    begin(html, "Consumers and how far each is behind", &columns);
    for consumer in &facts.consumers {
        row_of_consumer(html, consumer);
    }
    end(html);
    html.raw("</section>");
}

fn row_of_consumer(html: &mut Html, consumer: &Consumer) {
    html.raw("<tr><th scope=\"row\">").name(&consumer.name);
    if consumer.shards > 1 {
        html.raw(" <span class=\"id\">shard ")
            .number(consumer.shard);
        html.raw(" of ").number(consumer.shards).raw("</span>");
    }
    if let Some(buckets) = &consumer.buckets {
        html.raw("<div class=\"id\">");
        for (place, bucket) in buckets.iter().take(5).enumerate() {
            html.raw(if place == 0 { "" } else { ", " }).name(bucket);
        }
        if buckets.len() > 5 {
            html.raw(" and ").number(buckets.len() as i64 - 5);
            html.raw(" more");
        }
        html.raw("</div>");
    }
    html.raw("</th>");
    number(html, consumer.behind);
    html.raw("<td class=\"n\">");
    let age = consumer.age.filter(|_| consumer.behind > 0).map(length);
    maybe(html, age.as_deref());
    html.raw("</td><td>");
    maybe(html, consumer.last_batch.as_deref());
    html.raw("</td><td>");
    maybe(html, consumer.last_ack.as_deref());
    html.raw("</td><td>");
    html.raw(match (consumer.lapsed, consumer.batch_is_out) {
        (true, _) => "<span class=\"tag warn\">lapsed</span>",
        (_, true) => "<span class=\"tag\">a batch is out</span>",
        (_, false) if consumer.behind == 0 => "<span class=\"tag ok\">up to date</span>",
        _ => "<span class=\"tag\">behind</span>",
    });
    html.raw("</td></tr>");
}

/// Nothing where nothing is attached.
pub(super) fn feeds(html: &mut Html, facts: &Facts) {
    if facts.feeds.is_empty() {
        return;
    }
    html.raw(
        "<section id=\"feeds\" aria-labelledby=\"h-feeds\"><h2 id=\"h-feeds\">Attached tables</h2>",
    );
    let columns = [
        ("Feed", false),
        ("Table", false),
        ("Import", false),
        ("Imported", true),
        ("To come", true),
        ("Skipped", true),
        ("Failed", true),
    ];
    begin(
        html,
        "Attached tables and how far their import is",
        &columns,
    );
    for feed in &facts.feeds {
        row_of_feed(html, feed);
    }
    end(html);
    html.raw("</section>");
}

fn row_of_feed(html: &mut Html, feed: &Feed) {
    html.raw("<tr><th scope=\"row\">").name(&feed.name);
    html.raw("<div class=\"id\">").text(&feed.kind);
    html.raw("</div></th><td>");
    match &feed.relation {
        Some(relation) => html.name(relation),
        None => html.raw("<span class=\"tag warn\">gone</span>"),
    };
    if feed.relation.is_some() && !feed.is_whole {
        html.raw(" <span class=\"tag warn\">not whole</span>");
    }
    html.raw("</td><td>").text(&feed.import);
    if let Some(error) = &feed.error {
        html.raw("<div class=\"error\">").name(error).raw("</div>");
    }
    html.raw("</td>");
    number(html, feed.imported);
    html.raw("<td class=\"n\">");
    maybe(html, feed.to_import.map(count).as_deref());
    html.raw("</td>");
    number(html, feed.skipped);
    bad(html, feed.failed);
    html.raw("</tr>");
}

pub(super) fn jobs(html: &mut Html, facts: &Facts) {
    html.raw("<section id=\"jobs\" aria-labelledby=\"h-jobs\"><h2 id=\"h-jobs\">Jobs</h2>");
    if facts.jobs.is_empty() {
        html.raw("<p class=\"empty\">No backfill or re-evaluation is open.</p></section>");
        return;
    }
    let columns = [
        ("Bucket", false),
        ("What", false),
        ("State", false),
        ("Looked at", true),
        ("Joined", true),
        ("Left", true),
        ("Moved last", false),
    ];
    begin(
        html,
        "Backfills and re-evaluations that are not done",
        &columns,
    );
    for job in &facts.jobs {
        row_of_job(html, job);
    }
    end(html);
    html.raw("</section>");
}

fn row_of_job(html: &mut Html, job: &Job) {
    html.raw("<tr><th scope=\"row\">").name(&job.bucket);
    html.raw("</th><td>").raw(match job.mode.as_str() {
        "backfill" => "backfill",
        "review" => "review",
        _ => "re-evaluation",
    });
    html.raw("</td><td>");
    html.raw(if job.status == "failed" {
        "<span class=\"tag warn\">"
    } else {
        "<span class=\"tag\">"
    });
    html.text(&job.status).raw("</span>");
    if let Some(error) = &job.error {
        html.raw("<div class=\"error\">").name(error).raw("</div>");
    }
    html.raw("</td><td class=\"n\">")
        .text(&count(job.processed));
    match job.total {
        Some(total) if total > 0 => {
            let done = job.processed.clamp(0, total);
            html.raw("<span class=\"id\"> of ").text(&count(total));
            html.raw("</span><progress max=\"").number(total);
            html.raw("\" value=\"")
                .number(done)
                .raw("\" aria-label=\"done\"></progress>");
        }
        _ => {}
    }
    html.raw("</td>");
    number(html, job.joined);
    number(html, job.left);
    html.raw("<td>");
    maybe(html, job.moved_at.as_deref());
    html.raw("</td></tr>");
}
