//! The store on a thread of its own, behind a bounded channel: SQLite blocks, the rest of the program does not.

use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::{Store, StoreError};

/// Jobs that may wait for the thread; each may hold a page of records.
const JOBS_MAX: usize = 1;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// Sends work to the store's thread. Dropping it waits until the work under way is done and the store is closed, so that
/// an interrupted pass ends between transactions and all that was written is in the store's one file.
#[derive(Debug)]
pub struct StoreThread {
    /// `None` only while being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so, and whoever waited for it has got `Stopped`.
            drop(thread.join());
        }
    }
}

impl StoreThread {
    /// Gives `store` a thread.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn start(mut store: Store) -> std::io::Result<Self> {
        let (jobs, mut inbox) = mpsc::channel::<Job>(JOBS_MAX);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || {
            while let Some(job) = inbox.blocking_recv() {
                job(&mut store);
            }
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` on the store's thread and waits for its result.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError::Stopped`] if the thread is gone.
    pub async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // The caller may have gone away (an interrupted pass); the work is done all the same.
            drop(answer.send(work(store)));
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Stopped)?;
        jobs.send(job).await.map_err(|_| StoreError::Stopped)?;
        result.await.map_err(|_| StoreError::Stopped)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::StoreSettings;
    use trail::TimeMs;

    #[tokio::test]
    async fn a_store_whose_thread_has_ended_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = StoreThread::start(Store::open(&path, None, &StoreSettings::default()).unwrap()).unwrap();
        store.call(|store| store.feed("import", trail::fold::Source::Import, TimeMs(0)).map(drop)).await.unwrap();
        assert!(folder.path().join("store.db-wal").exists());
        drop(store);
        assert!(!folder.path().join("store.db-wal").exists());
    }
}
