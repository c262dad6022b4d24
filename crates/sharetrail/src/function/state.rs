//! A tenant's store between invocations: a blob, of which this instance has a copy to work on.
//!
//! Whoever works holds the blob's lease. What the copy lacks is fetched, what changed is put back on condition that the blob
//! is still the version that the copy descends from. Neither a lost lease nor a failed put is repaired: where somebody
//! else has written, the copy is brought up to the blob again, and the pass is made once more ([0054](../../../../docs/decisions/0054-state-in-a-blob.md)).

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::blocks::{self, BLOCK_BYTES, BlockName};
use super::lease::Lease;
use crate::azure::{Committed, LeasedBlob, is_lost};
use crate::collect::StopSwitch;
use crate::http::{Clock, Failure, Next};
use crate::private_file;
use crate::store;

/// Requests that carry blocks at one time; so many blocks, or runs of them, are in memory.
const TRANSFERS_AT_ONCE: usize = 4;
/// Blocks that one request fetches.
const RUN_BLOCKS_MAX: usize = 16;

/// A tenant's state.
pub struct State {
    blob: LeasedBlob,
    path: PathBuf,
    bytes_max: u64,
    /// The version that the copy is, or descends from.
    version: Option<Version>,
}

struct Version {
    etag: String,
    names: Vec<BlockName>,
}

/// How an attempt to hold a state ended.
pub enum Held {
    /// It is ours for now, and the copy is the blob.
    Ours(Lease),
    /// Somebody else works on it.
    Elsewhere,
}

/// Why a state could not be put back.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The lease ran out, or somebody else has written. Nothing of ours was written, and the work is repeated.
    #[error("the state was taken over by somebody else; nothing of this pass was written, and the next one repeats it")]
    Lost,
    /// The service or the disk.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl State {
    /// The state in `blob`, with its copy at `path`.
    pub fn new(blob: LeasedBlob, path: PathBuf, bytes_max: u64) -> Self {
        Self { blob, path, bytes_max, version: None }
    }

    /// Where the copy is: a store, once it is held.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lease and brings the copy up to the blob. When the lease is lost later, `stop` is asked.
    ///
    /// # Errors
    /// Those of the service and of the disk; a state that is larger than it may be.
    pub async fn hold(&mut self, clock: &Clock, stop: Arc<StopSwitch>) -> Result<Held, Failure> {
        self.blob.create().await?;
        let Some(lease) = Lease::take(&self.blob, clock, stop).await? else { return Ok(Held::Elsewhere) };
        match self.fetch().await {
            Ok(()) => Ok(Held::Ours(lease)),
            Err(failure) => {
                self.release(lease).await;
                Err(failure)
            }
        }
    }

    /// Brings the copy up to the blob: of a copy that descends from this very version nothing is fetched, of another one
    /// what differs.
    ///
    /// # Errors
    /// Those of the service and of the disk; a state that is larger than it may be.
    pub async fn fetch(&mut self) -> Result<(), Failure> {
        let committed = self.blob.committed().await?;
        let Some(committed) = committed else {
            return Err(Failure::new(Next::NotFound, format!("{} is not there", self.blob.place())));
        };
        if self.version.as_ref().is_some_and(|version| version.etag == committed.etag && self.has_copy(version)) {
            return Ok(());
        }
        self.version = None;
        if committed.bytes > self.bytes_max {
            return Err(Failure::stop(format!(
                "the state {} has {} MB, more than function.state_bytes_max allows ({} MB): raise it, if the temporary folder \
                 of an instance has the room, or run sharetrail where it has a disk of its own",
                self.blob.place(),
                committed.bytes / 1_000_000,
                self.bytes_max / 1_000_000
            )));
        }
        let told = blocks::names_told(&committed.blocks, committed.bytes);
        let here =
            self.on_disk(|path| settled(path).or_else(|_| remove(path)).and_then(|()| blocks::names_of(path))).await?;
        let wanted = match &told {
            Some(names) => blocks::changed(&here, names),
            None => (0..usize::try_from(committed.bytes.div_ceil(BLOCK_BYTES as u64)).unwrap_or(usize::MAX)).collect(),
        };
        let fetched_blocks = wanted.len();
        self.fetch_blocks(&committed, told.as_deref(), &wanted).await?;
        let bytes = committed.bytes;
        self.on_disk(move |path| if bytes == 0 { remove(path) } else { cut(path, bytes) }).await?;
        tracing::info!(bytes, fetched_blocks, "the state {} was fetched", self.blob.place());
        // Blocks of somebody else are not named again: the next put sends all.
        self.version = Some(Version { etag: committed.etag, names: told.unwrap_or_default() });
        Ok(())
    }

    /// Whether there still is what descends from this version: a temporary folder may be cleared while we live.
    fn has_copy(&self, version: &Version) -> bool {
        version.names.is_empty() || self.path.exists()
    }

    /// The copy is not relied on any more: what differs from the blob is fetched before it is worked on again.
    pub fn distrust(&mut self) {
        self.version = None;
    }

    async fn fetch_blocks(
        &self,
        committed: &Committed,
        names: Option<&[BlockName]>,
        wanted: &[usize],
    ) -> Result<(), Failure> {
        let fetches = runs(wanted).into_iter().map(|run| self.fetch_run(committed, names, run).boxed());
        stream::iter(fetches).buffer_unordered(TRANSFERS_AT_ONCE).try_collect::<()>().await
    }

    /// Fetches neighbouring blocks and checks that they are what they are called.
    async fn fetch_run(
        &self,
        committed: &Committed,
        names: Option<&[BlockName]>,
        run: Range<usize>,
    ) -> Result<(), Failure> {
        let from = run.start as u64 * BLOCK_BYTES as u64;
        let to = (run.end as u64 * BLOCK_BYTES as u64).min(committed.bytes);
        let bytes = usize::try_from(to - from).unwrap_or(usize::MAX);
        let content = self.blob.read(&committed.etag, from, bytes).await?;
        for (place, block) in run.zip(content.chunks(BLOCK_BYTES)) {
            let name = names.and_then(|names| names.get(place));
            if name.is_some_and(|name| *name != BlockName::of(place, block)) {
                return Err(Failure::stop(format!(
                    "block {place} of {} is not what its name says: somebody has changed it, or it was damaged on the way",
                    self.blob.place()
                )));
            }
        }
        self.on_disk(move |path| write_at(path, from, &content)).await
    }

    /// Puts back what the copy has and the blob has not. The store must be closed. Returns how many blocks travelled.
    ///
    /// # Errors
    /// `Lost` when somebody else has written, or may have by now; then and on any other failure the blob is as it was.
    pub async fn put(&mut self, lease: &Lease) -> Result<usize, PutError> {
        let id = lease.id().ok_or(PutError::Lost)?;
        let names = self.on_disk(|path| settled(path).and_then(|()| blocks::names_of(path))).await?;
        // A store never gets empty by work: somebody took the copy away, and what is in the blob must stay.
        if names.is_empty() && self.version.as_ref().is_some_and(|version| !version.names.is_empty()) {
            self.distrust();
        }
        let Some(version) = &self.version else { return Err(PutError::Lost) };
        if names == version.names {
            return Ok(0);
        }
        let changed = blocks::changed(&version.names, &names);
        let this = &*self;
        let (travelling, named) = (changed.len(), names.clone());
        let sent = changed.into_iter().filter_map(move |place| Some((place, *named.get(place)?)));
        let sent = sent.map(|(place, name)| this.stage(id, place, name).boxed());
        let sent = stream::iter(sent).buffer_unordered(TRANSFERS_AT_ONCE).try_collect::<()>().await;
        let list = || names.iter().map(|name| name.bytes().to_vec()).collect::<Vec<_>>();
        let committed = match sent {
            // Not with a lease that may be over by now.
            Ok(()) if lease.id().is_none() => return Err(PutError::Lost),
            Ok(()) => self.blob.commit(id, &version.etag, list()).await,
            Err(failure) => Err(failure),
        };
        let etag = match committed {
            Ok(etag) => etag,
            Err(failure) => self.written_after_all(failure, &list()).await?,
        };
        self.version = Some(Version { etag, names });
        Ok(travelling)
    }

    async fn stage(&self, lease: &str, place: usize, name: BlockName) -> Result<(), Failure> {
        let block = self.on_disk(move |path| read_block(path, place)).await?;
        self.blob.stage(lease, name.bytes(), block).await
    }

    /// The answer to a commit may be lost, and the attempt after it is refused because of the first one: names tell
    /// whether what stands there is ours.
    async fn written_after_all(&self, failure: Failure, list: &[Vec<u8>]) -> Result<String, PutError> {
        if let Ok(Some(committed)) = self.blob.committed().await
            && committed.blocks.iter().map(|(name, _)| name).eq(list)
        {
            return Ok(committed.etag);
        }
        Err(if is_lost(&failure) { PutError::Lost } else { PutError::Failed(failure) })
    }

    /// Gives the lease back.
    pub async fn release(&self, lease: Lease) {
        lease.release(&self.blob).await;
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await.map_err(io::Error::other);
        done.flatten().map_err(|error| {
            let why = format!("the copy of the state at {} cannot be used: {error}", self.path.display());
            Failure::stop(why)
        })
    }
}

/// All of the store in its one file.
fn settled(path: &Path) -> io::Result<()> {
    store::settle(path).map_err(io::Error::other)
}

/// Neighbouring places together, none too long.
fn runs(places: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some(run) if run.end == *place && run.len() < RUN_BLOCKS_MAX => run.end += 1,
            _ => runs.push(*place..*place + 1),
        }
    }
    runs
}

fn read_block(path: &Path, place: usize) -> io::Result<Bytes> {
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(place as u64 * BLOCK_BYTES as u64))?;
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    file.take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
    Ok(block.into())
}

fn write_at(path: &Path, from: u64, content: &[u8]) -> io::Result<()> {
    let mut file = private_file::options().create(true).truncate(false).write(true).open(path)?;
    file.seek(SeekFrom::Start(from))?;
    file.write_all(content)
}

fn cut(path: &Path, bytes: u64) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(bytes)
}

/// With what SQLite may have left beside it.
fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(Path::new(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_fetched_together_up_to_a_limit() {
        assert!(runs(&[]).is_empty());
        assert_eq!(runs(&[0, 1, 2, 5, 7, 8]), [0..3, 5..6, 7..9]);
        let long: Vec<usize> = (3..3 + RUN_BLOCKS_MAX + 2).collect();
        assert_eq!(runs(&long), [3..3 + RUN_BLOCKS_MAX, 3 + RUN_BLOCKS_MAX..5 + RUN_BLOCKS_MAX]);
    }
}
