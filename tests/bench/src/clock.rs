//! hogsend_reconcile(): with nothing to do and with much, among few members and many.

mod due;
mod idle;

use crate::Scale;
use crate::members::{self, Extent};
use crate::report::Report;
use anyhow::Result;
use hogsend_harness::Cluster;

const FEW: Extent = Extent {
    members: 1_000,
    events: 1_000,
};
const MANY: Extent = Extent {
    members: 40_000,
    events: 200_000,
};
const MANY_FULL: Extent = Extent {
    members: 1_000_000,
    events: 10_000_000,
};

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let mut few = members::load(cluster, "few", FEW, report)?;
    let mut many = members::load(cluster, "many", scale.choose(MANY, MANY_FULL), report)?;
    idle::measure(&mut few, &mut many, report)?;
    due::measure(&mut many, scale, report)
}
