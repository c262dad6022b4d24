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
async fn a_secret_is_read_once_a_run_until_it_is_forgotten() {
    let stub = Stub::plain(vec![]).await;
    let resolver = resolver(&stub).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let reference = SecretRef::File(file.path().to_owned());
    std::fs::write(file.path(), "one").unwrap();
    assert_eq!(resolver.resolve(&reference).await.unwrap().expose(), "one");
    std::fs::write(file.path(), "two").unwrap();
    assert_eq!(resolver.resolve(&reference).await.unwrap().expose(), "one");
    resolver.forget(&reference).await;
    assert_eq!(resolver.resolve(&reference).await.unwrap().expose(), "two");
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
    let failure = resolver(&stub).await.credential(None).await.unwrap_err();
    assert!(failure.why.contains("[identity]"), "{failure}");
}
