//! Where a shared item was when, and when it slept.
