//! A blob under a lease. How a service of leases and conditions behaves, Azurite shows in tests/it/function; here is how it
//! is spoken to.

use super::super::blob::is_lost;
use super::*;

fn account(stub: &Stub, access: StorageAccess) -> StorageAccount {
    StorageAccount { blobs: stub.url.clone(), access }
}

fn leased() -> Reply {
    Reply::Answer(201, vec![("x-ms-lease-id", "lease-1".into()), ("etag", "\"1\"".into())], Vec::new())
}

fn refusal(status: u16, code: &str) -> Reply {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Words.\nRequestId:1</Message></Error>");
    Reply::Answer(
        status,
        vec![("content-type", "application/xml".into()), ("x-ms-error-code", code.into())],
        body.into(),
    )
}

fn by_identity(stub: &Stub) -> LeasedBlob {
    let account = account(stub, StorageAccess::Identity { client_id: None });
    LeasedBlob::new(&stub.client(), &account, Some(&credential(stub)), "state", "contoso.db").unwrap()
}

#[tokio::test]
async fn an_identity_signs_in_for_storage() {
    let stub = Stub::tls(vec![token("t1"), leased()]).await;
    assert_eq!(by_identity(&stub).acquire(60).await.unwrap().as_deref(), Some("lease-1"));
    let seen = stub.seen();
    assert!(String::from_utf8_lossy(&seen[0].body).contains("scope=https%3A%2F%2Fstorage.azure.com%2F.default"));
    assert_eq!(seen[1].line, "PUT /state/contoso.db?comp=lease");
    assert_eq!(seen[1].header("authorization"), Some("Bearer t1"));
    assert_eq!((seen[1].header("x-ms-lease-duration"), seen[1].header("content-length")), (Some("60"), Some("0")));
}

#[tokio::test]
async fn a_shared_access_signature_goes_with_every_address_and_into_no_message() {
    let stub = Stub::plain(vec![leased(), refusal(403, "AuthenticationFailed")]).await;
    let account = account(&stub, StorageAccess::Signature(Secret::new("sv=2025&sig=hidden%3D")));
    let blob = LeasedBlob::new(&stub.client(), &account, None, "state", "contoso.db").unwrap();
    blob.acquire(60).await.unwrap();
    let failure = blob.acquire(60).await.unwrap_err();
    assert_eq!(stub.seen()[0].line, "PUT /state/contoso.db?comp=lease&sig=hidden%3D&sv=2025");
    assert_eq!(stub.seen()[0].header("authorization"), None);
    assert!(failure.why.contains("Storage Blob Data Contributor") && !failure.why.contains("hidden"), "{failure}");
}

#[tokio::test]
async fn each_refusal_says_whether_somebody_else_has_the_blob() {
    for (status, code, lost) in [
        (409, "LeaseIdMismatchWithBlobOperation", true),
        (412, "ConditionNotMet", true),
        (412, "LeaseLost", true),
        (404, "BlobNotFound", true),
        (403, "AuthorizationPermissionMismatch", false),
        (400, "InvalidBlockList", false),
    ] {
        let stub = Stub::tls(vec![token("t1"), refusal(status, code)]).await;
        let failure = by_identity(&stub).commit("lease-1", "\"1\"", vec![b"one".to_vec()]).await.unwrap_err();
        assert_eq!((is_lost(&failure), failure.code()), (lost, code), "{failure}");
        assert!(failure.why.contains("state/contoso.db") && failure.why.contains("Words."), "{failure}");
        let sent = &stub.seen()[1];
        assert_eq!((sent.header("if-match"), sent.header("x-ms-lease-id")), (Some("\"1\""), Some("lease-1")));
        assert_eq!(
            String::from_utf8_lossy(&sent.body).replace("<?xml version=\"1.0\" encoding=\"utf-8\"?>", ""),
            "<BlockList><Latest>b25l</Latest></BlockList>"
        );
    }
}

#[tokio::test]
async fn another_holder_is_no_failure() {
    let stub = Stub::tls(vec![token("t1"), refusal(409, "LeaseAlreadyPresent")]).await;
    assert_eq!(by_identity(&stub).acquire(60).await.unwrap(), None);
}
