//! The other forms in which services hand out the same record.

pub(crate) mod cloud_app_event;
pub(crate) mod graph_record;
pub(crate) mod names;
