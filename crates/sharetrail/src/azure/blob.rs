//! One block blob that several may want to write, and one at a time may: under a lease, each commit on condition that nobody
//! else has written. Through the official client.
//! Source: Microsoft, "Blob service REST API": Lease Blob, Put Block, Put Block List, Get Block List, Get Blob.

use std::num::NonZero;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::{Etag, RequestContent, StatusCode};
use azure_storage_blob::models::{
    BlobClientAcquireLeaseResultHeaders as _, BlobClientDownloadOptions, BlockBlobClientCommitBlockListOptions,
    BlockBlobClientCommitBlockListResultHeaders as _, BlockBlobClientStageBlockOptions, BlockListHeaders as _,
    BlockListType, BlockLookupList, HttpRange,
};
use azure_storage_blob::{BlobClient, BlobClientOptions, BlobContainerClient, BlobContainerClientOptions};
use bytes::Bytes;
use url::Url;

use super::transport::{self, Peer};
use super::vault::FixedScope;
use super::{Credential, StorageAccess, StorageAccount};
use crate::http::{Client, Failure, host_and_port};

/// The same in every cloud (Microsoft: "Authorize access to blobs using Microsoft Entra ID").
const SCOPE: &str = "https://storage.azure.com/.default";

/// A blob in a container of a storage account.
#[derive(Clone)]
pub struct LeasedBlob {
    client: Client,
    container: Arc<BlobContainerClient>,
    blob: Arc<BlobClient>,
    /// For messages.
    place: String,
    who: String,
}

/// What a blob consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Changes with every write.
    pub etag: String,
    /// Ids of its blocks in order with their bytes; none for a blob that was written in one piece.
    pub blocks: Vec<(Vec<u8>, u64)>,
    /// Size of the whole.
    pub bytes: u64,
}

impl LeasedBlob {
    /// The blob `name` in `container`; `credential` speaks where the account is opened by an identity.
    ///
    /// # Errors
    /// The names make no address.
    pub fn new(
        client: &Client,
        account: &StorageAccount,
        credential: Option<&Credential>,
        container: &str,
        name: &str,
    ) -> Result<Self, Failure> {
        let address = |path: &str| -> Result<Url, Failure> {
            let mut url = account
                .blobs
                .join(path)
                .map_err(|error| Failure::stop(format!("{path} is no place in a storage account: {error}")))?;
            if let StorageAccess::Signature(signature) = &account.access {
                url.set_query(Some(signature.expose()));
            }
            Ok(url)
        };
        let (key, who) = match &account.access {
            StorageAccess::Key(key) => (Some(key.clone()), format!("the key of the account {}", key.account())),
            StorageAccess::Signature(_) => (None, "the shared access signature".to_owned()),
            StorageAccess::Identity { .. } => (None, credential.map_or_else(String::new, Credential::who)),
        };
        let token = credential.filter(|_| matches!(account.access, StorageAccess::Identity { .. }));
        let token = token.map(|credential| -> Arc<dyn TokenCredential> {
            Arc::new(FixedScope { credential: credential.clone(), scope: SCOPE.to_owned() })
        });
        let options = transport::client_options(client, Peer::Storage(key));
        let container_options =
            BlobContainerClientOptions { client_options: options.clone(), ..BlobContainerClientOptions::default() };
        let blob_options = BlobClientOptions { client_options: options, ..BlobClientOptions::default() };
        let (container_url, blob_url) = (address(container)?, address(&format!("{container}/{name}"))?);
        let failed = |error: azure_core::Error| transport::failure(&error);
        Ok(Self {
            client: client.clone(),
            container: Arc::new(
                BlobContainerClient::new(container_url, token.clone(), Some(container_options)).map_err(failed)?,
            ),
            blob: Arc::new(BlobClient::new(blob_url, token, Some(blob_options)).map_err(failed)?),
            place: format!("{container}/{name} at {}", host_and_port(&account.blobs)),
            who,
        })
    }

    /// Where it is, in words.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Makes container and blob, empty, where they are not there yet.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn create(&self) -> Result<(), Failure> {
        if self.committed().await?.is_some() {
            return Ok(());
        }
        let made = self.attempt(|| async { self.container.create(None).await.map(drop) }).await;
        given(made, &["ContainerAlreadyExists"]).map_err(|failure| self.explained(failure, "made"))?;
        let options =
            BlockBlobClientCommitBlockListOptions { if_none_match: Some(Etag::from("*")), ..Default::default() };
        let made = self
            .attempt(|| async {
                let none = RequestContent::try_from(BlockLookupList::default())?;
                self.blob.block_blob_client().commit_block_list(none, Some(options.clone())).await.map(drop)
            })
            .await;
        // Somebody else was faster, and may have leased it already.
        given(made, &["BlobAlreadyExists", "ConditionNotMet", "LeaseIdMissing"])
            .map_err(|failure| self.explained(failure, "made"))
    }

    /// The right to write for so many seconds (15 to 60), as the id of a lease; `None`: another has it.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn acquire(&self, seconds: u8) -> Result<Option<String>, Failure> {
        let taken = self.attempt(|| async { self.blob.acquire_lease(seconds.into(), None).await?.lease_id() }).await;
        match taken {
            Ok(Some(id)) => Ok(Some(id)),
            Ok(None) => Err(Failure::stop(format!("the lease on {} was given without an id", self.place))),
            Err(failure) if failure.code() == "LeaseAlreadyPresent" => Ok(None),
            Err(failure) => Err(self.explained(failure, "leased")),
        }
    }

    /// Keeps the lease; one call, since who keeps it decides for how long to try.
    ///
    /// # Errors
    /// Those of the service; [`is_lost`] tells those that are final.
    pub async fn renew(&self, lease: &str) -> Result<(), Failure> {
        let renewed = self.blob.renew_lease(lease.to_owned(), None).await;
        renewed.map(drop).map_err(|error| self.explained(transport::failure(&error), "leased"))
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// Those of the service; the lease then runs out by itself.
    pub async fn release(&self, lease: &str) -> Result<(), Failure> {
        let released = self.blob.release_lease(lease.to_owned(), None).await;
        released.map(drop).map_err(|error| self.explained(transport::failure(&error), "released"))
    }

    /// What it consists of; `None`: it is not there.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn committed(&self) -> Result<Option<Committed>, Failure> {
        let listed = self
            .attempt(|| async {
                let answer = self.blob.block_blob_client().get_block_list(BlockListType::Committed, None).await?;
                let (etag, bytes) = (answer.etag()?, answer.blob_content_length()?);
                let blocks = answer.into_model()?.committed_blocks.unwrap_or_default();
                let blocks = blocks
                    .into_iter()
                    .map(|block| (block.name.unwrap_or_default(), block.size.unwrap_or_default().unsigned_abs()));
                Ok((etag, bytes, blocks.collect::<Vec<_>>()))
            })
            .await;
        match listed {
            Ok((Some(etag), bytes, blocks)) => {
                let bytes = bytes.map_or_else(|| blocks.iter().map(|(_, bytes)| bytes).sum(), i64::unsigned_abs);
                Ok(Some(Committed { etag: etag.to_string(), blocks, bytes }))
            }
            Ok((None, ..)) => {
                Err(Failure::stop(format!("the list of the blocks of {} came without an ETag", self.place)))
            }
            Err(failure) if failure.status == Some(404) => Ok(None),
            Err(failure) => Err(self.explained(failure, "read")),
        }
    }

    /// Bytes of the version `etag`.
    ///
    /// # Errors
    /// Those of the service; status 412 when there is another version by now.
    pub async fn read(&self, etag: &str, from: u64, bytes: usize) -> Result<Bytes, Failure> {
        let whole = NonZero::new(bytes.max(1)).unwrap_or(NonZero::<usize>::MIN);
        let read = self
            .attempt(|| async {
                let mut buffer = vec![0; bytes];
                let options = BlobClientDownloadOptions {
                    if_match: Some(Etag::from(etag.to_owned())),
                    range: Some(HttpRange::new(from, bytes as u64)),
                    parallel: Some(NonZero::<usize>::MIN),
                    partition_size: Some(whole),
                    ..Default::default()
                };
                let read = self.blob.download_into(&mut buffer, Some(options)).await?.len;
                buffer.truncate(read);
                Ok(buffer)
            })
            .await
            .map_err(|failure| self.explained(failure, "read"))?;
        if read.len() == bytes {
            Ok(read.into())
        } else {
            Err(Failure::retry(format!("{} ended after {} of {bytes} bytes", self.place, read.len())))
        }
    }

    /// Sends a block that a later commit may name.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn stage(&self, lease: &str, id: &[u8], content: Bytes) -> Result<(), Failure> {
        let options = BlockBlobClientStageBlockOptions { lease_id: Some(lease.to_owned()), ..Default::default() };
        self.attempt(|| async {
            let (bytes, content) = (content.len() as u64, content.clone().into());
            self.blob.block_blob_client().stage_block(id, bytes, content, Some(options.clone())).await.map(drop)
        })
        .await
        .map_err(|failure| self.explained(failure, "written"))
    }

    /// Makes the blob consist of these blocks, if it still is the version `etag`; returns the new version's.
    ///
    /// # Errors
    /// Those of the service; [`is_lost`] tells when somebody else has written or holds the lease.
    pub async fn commit(&self, lease: &str, etag: &str, ids: Vec<Vec<u8>>) -> Result<String, Failure> {
        let options = BlockBlobClientCommitBlockListOptions {
            lease_id: Some(lease.to_owned()),
            if_match: Some(Etag::from(etag.to_owned())),
            blob_content_type: Some("application/vnd.sqlite3".to_owned()),
            ..Default::default()
        };
        let list = BlockLookupList { latest: Some(ids), ..Default::default() };
        let committed = self
            .attempt(|| async {
                let list = RequestContent::try_from(list.clone())?;
                self.blob.block_blob_client().commit_block_list(list, Some(options.clone())).await?.etag()
            })
            .await
            .map_err(|failure| self.explained(failure, "written"))?;
        let etag = committed.map(|etag| etag.to_string());
        etag.ok_or_else(|| Failure::stop(format!("{} was written, and the answer came without an ETag", self.place)))
    }

    async fn attempt<T, R>(&self, call: impl Fn() -> R) -> Result<T, Failure>
    where
        R: Future<Output = azure_core::Result<T>>,
    {
        let call = || {
            let called = call();
            async { called.await.map_err(|error| transport::failure(&error)) }
        };
        self.client.attempt(None, call).await
    }

    fn explained(&self, failure: Failure, done: &str) -> Failure {
        let why = format!("{} cannot be {done}: {}", self.place, failure.why);
        let remedy = match failure.status.map(StatusCode::from) {
            Some(StatusCode::Forbidden | StatusCode::Unauthorized) => format!(
                ". {} is not let in: a key may have been renewed since; an identity needs the role Storage Blob Data \
                 Contributor on the account, which takes some minutes; a firewall of the account must let this app through",
                self.who
            ),
            _ => String::new(),
        };
        failure.in_words(format!("{why}{remedy}"))
    }
}

/// Whether a failure says that somebody else has written or holds the lease.
pub fn is_lost(failure: &Failure) -> bool {
    matches!(failure.status, Some(404 | 409 | 412))
}

/// What is already so is no failure.
fn given(result: Result<(), Failure>, codes: &[&str]) -> Result<(), Failure> {
    match result {
        Err(failure) if codes.contains(&failure.code()) => Ok(()),
        other => other,
    }
}
