//! Fault scripts: a file with a fault a line, written as on the command line. Empty lines and what follows a `#` at the
//! begin of a line or after a blank are for people.
//!
//! ```text
//! # An hour in which everything is a little broken.
//! token:p=0.05/1:500
//! defender:p=0.05/2:429:retry-after=1     # and it says when to come back
//! defender:after=3+every=5:reset-mid-body
//! ingestion:seconds=10-30:403
//! ```

use crate::faults::{Fault, FaultSyntax};

/// A line of a script that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cause}")]
pub struct ScriptError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    #[source]
    pub cause: FaultSyntax,
}

/// The faults of a script, in order.
///
/// # Errors
/// The first line that cannot be read.
pub fn faults_of_script(text: &str) -> Result<Vec<Fault>, ScriptError> {
    let mut faults = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let said = if line.starts_with('#') { "" } else { line.split(" #").next().unwrap_or_default().trim() };
        if !said.is_empty() {
            faults.push(said.parse().map_err(|cause| ScriptError { line: place + 1, cause })?);
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_line_by_line_without_its_comments() {
        let faults =
            faults_of_script("# a bad day\n\n  defender:every=3:429   # limited\narm:always:500\r\n\t\n").unwrap();
        let expected: Vec<Fault> =
            ["defender:every=3:429", "arm:always:500"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let error = faults_of_script("arm:always:500\n\nmail:always:500").unwrap_err();
        assert_eq!(error.line, 3);
        assert!(error.to_string().starts_with("line 3: the fault `mail:always:500`"), "{error}");
    }
}
