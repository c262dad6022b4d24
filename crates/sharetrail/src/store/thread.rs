//! The store on a thread of its own, behind a bounded channel: SQLite blocks, the rest of the program does not.

use tokio::sync::{mpsc, oneshot};

use super::{Store, StoreError};

/// Jobs that may wait for the thread; each may hold a page of records.
const JOBS_MAX: usize = 1;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// Sends work to the store's thread. The thread ends when this is dropped.
#[derive(Debug)]
pub struct StoreThread {
    jobs: mpsc::Sender<Job>,
}

impl StoreThread {
    /// Gives `store` a thread.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn start(mut store: Store) -> std::io::Result<Self> {
        let (jobs, mut inbox) = mpsc::channel::<Job>(JOBS_MAX);
        std::thread::Builder::new().name("store".into()).spawn(move || {
            while let Some(job) = inbox.blocking_recv() {
                job(&mut store);
            }
        })?;
        Ok(Self { jobs })
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
        self.jobs.send(job).await.map_err(|_| StoreError::Stopped)?;
        result.await.map_err(|_| StoreError::Stopped)?
    }
}
