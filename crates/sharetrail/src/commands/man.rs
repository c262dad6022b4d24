//! `man`: the manual, from the same definitions as the command line and its help.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::cli::{Cli, Man};
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::stdout::stdout;

/// Prints the main page, or writes every command's page into a folder.
///
/// # Errors
/// The output or the folder cannot be written to.
pub fn run(arguments: &Man) -> Result<Outcome, Failure> {
    match &arguments.folder {
        Some(folder) => {
            write_all(folder).map_err(|source| Unwritable { folder: folder.clone(), source })?;
            tell(&format!("Wrote the manual to {0}. Read it with: man -l {0}/sharetrail.1", folder.display()));
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            let mut output = stdout();
            output.write_all(&page)?;
            output.flush()?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Debug, thiserror::Error)]
#[error("the manual cannot be written to {}", folder.display())]
struct Unwritable {
    folder: PathBuf,
    source: std::io::Error,
}

fn write_all(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let pages = folder.path().join("man");
        write_all(&pages).unwrap();
        for name in ["sharetrail", "sharetrail-collect", "sharetrail-show-record"] {
            let page = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
            assert!(page.contains(".SH NAME"), "{name}");
        }
    }
}
