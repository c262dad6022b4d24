//! Configuration in two steps: as written (no I/O, unknown keys are errors), then as used.

pub mod settings;
