//! What everything takes on disk.

use crate::Scale;
use crate::members::{self, Extent};
use crate::report::Report;
use anyhow::Result;
use hogsend_harness::Cluster;

const SMALL: Extent = Extent {
    members: 20_000,
    events: 200_000,
};
const FULL: Extent = Extent {
    members: 100_000,
    events: 1_000_000,
};

/// A table, and what one row of it is.
const TABLES: [(&str, &str); 5] = [
    ("user_events", "events"),
    ("contacts", "contacts"),
    ("bucket_memberships", "members"),
    ("bucket_timers", "timers"),
    ("bucket_transitions", "transitions"),
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let extent = scale.choose(SMALL, FULL);
    let mut client = members::load(cluster, "size", extent, report)?.client;
    for (table, rows) in TABLES {
        let row = client.query_one(
            &format!(
                "SELECT pg_table_size('{table}') / 1e6::float8, pg_indexes_size('{table}') / 1e6::float8,
                        count(*)::float8 / 1e6
                 FROM {table}"
            ),
            &[],
        )?;
        let [table_size, indexes, millions]: [f64; 3] = [0, 1, 2].map(|column| row.get(column));
        let total = (table_size + indexes) / millions;
        report.figure(&format!("a million {rows} on disk"), total, "MB", None);
        report.note(format!(
            "a million {rows}: table {:.0} MB, indexes {:.0} MB",
            table_size / millions,
            indexes / millions
        ));
    }
    Ok(())
}
