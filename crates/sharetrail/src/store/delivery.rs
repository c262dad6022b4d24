//! How the latest deliveries to a sink ended: since when it fails, and why.

use trail::TimeMs;

use super::{Store, StoreError};

impl Store {
    /// Remembers how a delivery to a sink ended: `error` in words, `None` when all that waited is settled; whether it
    /// confirmed any rows.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn note_delivery(
        &mut self,
        sink: i64,
        error: Option<&str>,
        confirmed_any: bool,
        now: TimeMs,
    ) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "UPDATE sink SET last_error = ?2,
                     failing_since = CASE WHEN ?2 IS NULL THEN NULL ELSE coalesce(failing_since, ?4) END,
                     last_confirmed_at = CASE WHEN ?3 THEN ?4 ELSE last_confirmed_at END
                 WHERE id = ?1",
                (sink, error, confirmed_any, now.millis()),
            )?;
            Ok(())
        })
    }
}
