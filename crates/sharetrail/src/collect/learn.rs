//! What Graph tells of the tenant itself, asked once a day: the names of its labels, its verified domains. While it cannot
//! be had, what was told last holds.

use std::collections::BTreeSet;

use super::{CollectError, Pass};
use crate::config::settings::{Directory, GraphApi};
use crate::http::Failure;
use crate::sources::graph::GraphClient;
use crate::store::{Store, Told};

impl Pass<'_> {
    /// Asks for what is due, and keeps it in the store.
    ///
    /// # Errors
    /// Those of the store; and when nobody ever said which domains are inside.
    pub(super) async fn learn(&self, store: &mut Store) -> Result<(), CollectError> {
        let Some(wanted) = &self.tenant.directory else { return Ok(()) };
        let (now, refresh_ms) = (self.now(), i64::from(wanted.refresh_hours) * 3_600_000);
        for (what, is_wanted) in [(Told::Labels, wanted.labels), (Told::Domains, wanted.domains)] {
            if is_wanted
                && store.is_due(what, refresh_ms, now)?
                && let Err(failure) = self.ask(store, what).await?
            {
                let tenant = &self.tenant.name;
                store.note_unanswered(what, &failure.to_string(), self.now())?;
                tracing::warn!("{tenant}: {failure}. What Graph said last holds; the next pass asks again");
            }
        }
        self.refuse_without_domains(store, wanted)
    }

    /// The outer result is the store's, the inner one the service's.
    async fn ask(&self, store: &mut Store, what: Told) -> Result<Result<(), Failure>, CollectError> {
        let credential = match self.secrets.credential(self.tenant.identity.as_ref()) {
            Ok(credential) => credential,
            Err(failure) => return Ok(Err(failure)),
        };
        let client = GraphClient::new(&self.http, &self.settings.cloud, &credential, GraphApi::Beta);
        match what {
            Told::Labels => match client.labels().await {
                // A tenant without labels is one thing, an application that is shown none another; nobody can tell which.
                Ok(labels) => store.take_labels(&labels, self.now())?,
                Err(failure) => return Ok(Err(failure)),
            },
            Told::Domains => match client.verified_domains().await {
                Ok(domains) => {
                    self.compare(&domains);
                    store.take_domains(&domains, self.now())?;
                }
                Err(failure) => return Ok(Err(failure)),
            },
        }
        Ok(Ok(()))
    }

    /// Says in words where the configuration and the directory differ.
    fn compare(&self, verified: &BTreeSet<String>) {
        let (tenant, configured) = (&self.tenant.name, &self.tenant.internal_domains);
        let unlisted: Vec<&str> =
            verified.iter().filter(|domain| !configured.contains(domain)).map(String::as_str).collect();
        let unverified: Vec<&str> =
            configured.iter().filter(|domain| !verified.contains(*domain)).map(String::as_str).collect();
        if !configured.is_empty() && !unlisted.is_empty() {
            tracing::warn!(
                "{tenant}: verified in the directory and not in internal_domains: {}; their people count as inside",
                unlisted.join(", ")
            );
        }
        if !unverified.is_empty() {
            tracing::warn!(
                "{tenant}: in internal_domains and not verified in the directory: {}; their people count as inside as well. \
                 Domains of sister companies belong into trusted_domains",
                unverified.join(", ")
            );
        }
    }

    /// Without any domain every employee would be delivered as an outsider.
    fn refuse_without_domains(&self, store: &Store, wanted: &Directory) -> Result<(), CollectError> {
        let nobody_is_inside =
            wanted.domains && self.tenant.internal_domains.is_empty() && store.learnt()?.domains.is_empty();
        if nobody_is_inside {
            return Err(CollectError::Failed(Failure::stop(
                "no internal domains are configured, and Graph has told none yet (the reason is above), so every employee \
                 would count as an outsider; list them in internal_domains, or grant Domain.Read.All",
            )));
        }
        Ok(())
    }
}
