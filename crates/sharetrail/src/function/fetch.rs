//! A copy of a tenant's state, for reports and for looking at it. No lease is needed: what is read is one version.

use std::path::Path;

use super::state::State;
use super::work::blobs;
use crate::config::settings::Settings;
use crate::exit::Failure;
use crate::http::{self, Next};
use crate::private_file;

/// A pass may put the state again while it is read; then it is read again, so often.
const ATTEMPTS_MAX: u32 = 5;

/// Copies the state of the tenant at `place` of the configuration into the new file `to`.
///
/// # Errors
/// There is such a file; the state is not there or is empty; the service's; the disk's.
pub async fn fetch(settings: &Settings, place: usize, to: &Path) -> Result<(), Failure> {
    if to.exists() {
        return Err(Failure::usage(format!("{} is there already; name a new file", to.display())));
    }
    let blob = blobs(settings).await?.into_iter().nth(place);
    let blob = blob.ok_or_else(|| Failure::usage("the configuration has no such tenant"))?;
    // Under another name until it is whole, and in the same folder, so that it can be renamed.
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_file::create_folder(folder)?;
    let part = tempfile::Builder::new().prefix(".sharetrail-fetch-").tempdir_in(folder)?;
    let mut state = State::new(blob.clone(), part.path().join("state.db"), u64::MAX);
    let mut attempts = 0;
    loop {
        attempts += 1;
        match state.fetch().await {
            Ok(()) => break,
            Err(failure) if failure.status == Some(412) && attempts < ATTEMPTS_MAX => {}
            Err(http::Failure { next: Next::NotFound, .. }) => {
                return Err(Failure::failed(format!("there is no state {} yet", blob.place())));
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    if !state.path().exists() {
        return Err(Failure::failed(format!("the state {} is empty: no pass has come to its end yet", blob.place())));
    }
    Ok(std::fs::rename(state.path(), to)?)
}
