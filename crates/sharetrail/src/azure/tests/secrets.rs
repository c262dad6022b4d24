//! References to secrets.

use url::Url;

use super::*;

#[tokio::test]
async fn a_file_gives_its_text_without_the_last_line_break() {
    let stub = Stub::plain(vec![]).await;
    for (content, expected) in [("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), (" abc", " abc")] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let secret = resolver(&stub).await.resolve(&SecretRef::File(file.path().to_owned())).await.unwrap();
        assert_eq!(secret.expose(), expected);
    }
}

#[tokio::test]
async fn a_secret_is_read_once_a_run_until_a_service_refuses_it() {
    let stub = Stub::plain(vec![]).await;
    let resolver = resolver(&stub).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one").unwrap();
    let held = resolver.hold(&SecretRef::File(file.path().to_owned()));
    let one = held.get().await.unwrap();
    assert_eq!(one.expose(), "one");
    assert_eq!(held.replacement(&one).await, None, "what is stored is still what was refused");
    std::fs::write(file.path(), "two").unwrap();
    assert_eq!(held.get().await.unwrap().expose(), "one");
    assert_eq!(held.replacement(&one).await.unwrap().expose(), "two");
    assert_eq!(held.get().await.unwrap().expose(), "two");
    std::fs::write(file.path(), "three").unwrap();
    assert_eq!(held.replacement(&one).await.unwrap().expose(), "two", "the second to be refused gets the same");
    std::fs::remove_file(file.path()).unwrap();
    assert_eq!(held.replacement(&Secret::new("two")).await, None, "what cannot be read again stays refused");
}

#[tokio::test]
async fn a_client_secret_that_was_replaced_while_the_program_runs_is_read_again() {
    let refused = r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired."}"#;
    let refused = || Reply::json(401, refused);
    let stub = Stub::tls(vec![token("t1"), refused(), token("t2"), refused()]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "old").unwrap();
    let identity = Identity::ClientSecret {
        tenant_id: "tenant-1".into(),
        client_id: "app-1".into(),
        client_secret: SecretRef::File(file.path().to_owned()),
    };
    let credential = resolver(&stub).await.credential(Some(&identity)).unwrap();
    let first = credential.token("a/.default").await.unwrap();
    std::fs::write(file.path(), "new").unwrap();
    assert_eq!(credential.renew("a/.default", &first).await.unwrap().expose(), "t2");
    let seen = stub.seen();
    let sent: Vec<bool> =
        seen.iter().map(|seen| String::from_utf8_lossy(&seen.body).contains("client_secret=new")).collect();
    assert_eq!(sent, [false, false, true]);
    let failure = credential.token("b/.default").await.unwrap_err();
    assert!(failure.why.contains("has expired"), "{failure}");
    assert_eq!(stub.seen().len(), 4, "a secret that is still the same is not tried again");
}

#[tokio::test]
async fn a_reference_that_gives_no_secret_is_named_with_the_remedy() {
    let stub = Stub::plain(vec![]).await;
    let file = |content: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        file
    };
    let unresolved = file("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/n)");
    let (empty, large) = (file("\n"), file(&"x".repeat(70_000)));
    for (reference, words) in [
        (SecretRef::Env("SHARETRAIL_NO_SUCH_VARIABLE".into()), "SHARETRAIL_NO_SUCH_VARIABLE is not set"),
        (SecretRef::File("/no/such/file".into()), "no such file"),
        (SecretRef::File(unresolved.path().into()), "the platform could not resolve it"),
        (SecretRef::File(empty.path().into()), "is empty"),
        (SecretRef::File(large.path().into()), "larger than"),
        (SecretRef::KeyVault(Url::parse("https://v.vault.azure.net/secrets/n").unwrap()), "add [identity]"),
    ] {
        let failure = resolver(&stub).await.resolve(&reference).await.unwrap_err();
        assert!(failure.why.contains(words) && failure.why.contains(&reference_name(&reference)), "{failure}");
    }
}

#[tokio::test]
async fn the_identity_that_reads_vaults_cannot_have_its_secret_in_one() {
    let stub = Stub::plain(vec![]).await;
    let identity = Identity::ClientSecret {
        tenant_id: "t".into(),
        client_id: "c".into(),
        client_secret: SecretRef::KeyVault(Url::parse("https://v.vault.azure.net/secrets/n").unwrap()),
    };
    let failure = SecretResolver::new(&stub.client(), &cloud(&stub), Some(&identity)).await.unwrap_err();
    assert!(failure.why.contains("env:NAME"), "{failure}");
    let failure = resolver(&stub).await.credential(None).unwrap_err();
    assert!(failure.why.contains("[identity]"), "{failure}");
}
