//! How long a token is kept, and how often one is asked for.

use std::time::Duration;

use super::*;

/// A credential with its first token, 250 seconds before that runs out.
async fn near_its_end(replies: Vec<Reply>) -> (Stub, Credential) {
    let stub = Stub::tls(replies).await;
    let (client, cloud) = (stub.client(), cloud(&stub));
    let proof = Some(Secret::new("s").into());
    let credential = Credential::new(&client, vec![SignIn::new(&client, &cloud, &application(), proof, None)]);
    let end = credential.token_with_end("a").await.unwrap().end;
    let left = end.duration_since(client.clock().now()).unsigned_abs();
    client.clock().pause(left - Duration::from_secs(250)).await;
    (stub, credential)
}

fn busy() -> Reply {
    Reply::json(503, "{}")
}

#[tokio::test]
async fn twenty_who_need_a_token_at_once_make_one_request() {
    let stub = Stub::tls(vec![token("t1"), token("t2")]).await;
    let credential = credential(&stub);
    let users: Vec<_> = (0..20)
        .map(|_| {
            let credential = credential.clone();
            tokio::spawn(async move { credential.token("a").await.unwrap() })
        })
        .collect();
    let mut tokens = Vec::new();
    for user in users {
        tokens.push(user.await.unwrap());
    }
    assert!(tokens.iter().all(|token| token.expose() == "t1"));
    let refused: Vec<_> = (0..20)
        .map(|_| {
            let (credential, stale) = (credential.clone(), Secret::new("t1"));
            tokio::spawn(async move { credential.renew("a", &stale).await.unwrap() })
        })
        .collect();
    for user in refused {
        assert_eq!(user.await.unwrap().expose(), "t2");
    }
    assert_eq!(stub.seen().len(), 2, "one for the first token, one for the renewed");
}

#[tokio::test]
async fn a_token_is_replaced_before_it_runs_out() {
    let (stub, credential) = near_its_end(vec![token("t1"), token("t2")]).await;
    assert_eq!(credential.token("a").await.unwrap().expose(), "t2");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn an_authority_that_is_away_when_a_token_nears_its_end_is_waited_for_with_the_token_at_hand() {
    let (stub, credential) = near_its_end(vec![token("t1"), busy(), busy(), busy(), token("t2")]).await;
    assert_eq!(credential.token("a").await.unwrap().expose(), "t1");
    assert_eq!(credential.token("a").await.unwrap().expose(), "t2");
    assert_eq!(stub.seen().len(), 5);
}
