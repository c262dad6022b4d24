//! How reliable it is, in figures: every fault by itself and all at once, and kills at any moment. The short forms run
//! with every change; `just crash` runs the long one and writes `docs/reliability.md` from it.

mod crash;
mod disk;
mod everything;
mod ledger;
mod page;
mod table;
mod ties;
