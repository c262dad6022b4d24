//! Writes `docs/reliability.md` from a run: `just crash`.
