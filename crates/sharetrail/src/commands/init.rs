//! `init`: writes the commented configuration and says what to do with it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Context;
use crate::cli::Init;
use crate::config::EXAMPLE;
use crate::exit::{Failure, Outcome};
use crate::private_file;
use crate::progress::tell;

/// Writes the file; never over another one unless told to.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn run(context: &Context, arguments: &Init) -> Result<Outcome, Failure> {
    let path = arguments.file.as_deref().unwrap_or_else(|| context.config_path());
    write(path, arguments.force)?;
    let named = if arguments.file.is_some() { format!(" --config {}", path.display()) } else { String::new() };
    tell(&format!(
        "Wrote {}. Next:
  1. Fill in the tenant: its directory id, its domains. Leave out the table of the source that you do not have.
  2. Say in [identity] who this installation is. It needs ActivityFeed.Read for the audit feed, Investigation.read for
     Defender for Cloud Apps.
  3. sharetrail{named} collect",
        path.display()
    ));
    Ok(Outcome::Done)
}

#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be written to {}", path.display())]
struct Unwritable {
    path: PathBuf,
    source: io::Error,
}

fn write(path: &Path, force: bool) -> Result<(), Failure> {
    let unwritable = |source| Unwritable { path: path.to_path_buf(), source };
    if force {
        // A file that is replaced keeps nothing of the old one, its permissions neither.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error).into()),
            _ => {}
        }
    }
    let mut file = match private_file::options().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Failure::usage(format!("{} exists; --force replaces it", path.display())));
        }
        opened => opened.map_err(unwritable)?,
    };
    file.write_all(EXAMPLE.as_bytes()).map_err(unwritable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_when_forced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sharetrail.toml");
        fs::write(&path, "precious").unwrap();
        assert!(write(&path, false).unwrap_err().to_string().contains("--force"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        write(&path, true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), EXAMPLE);
    }

    #[test]
    fn what_was_written_loads_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sharetrail.toml");
        write(&path, true).unwrap();
        crate::config::load(&path).unwrap();
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let failure = write(Path::new("nowhere/sharetrail.toml"), false).unwrap_err();
        assert!(failure.to_string().starts_with("the configuration cannot be written to nowhere/sharetrail.toml: "));
    }
}
