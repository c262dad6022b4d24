//! Posts a message to a webhook.
//!
//! Of JSON the receiver can check who sent it and when: `x-sharetrail-signature` is `v1=` and the HMAC-SHA256, in hex, of
//! `v1:`, the value of `x-sharetrail-timestamp` (seconds since 1970), `:` and the body (docs/protocols/webhooks.md).

use std::fmt;

use ring::hmac;
use url::Url;

use super::message::Message;
use crate::azure::SecretResolver;
use crate::config::settings::{Webhook, WebhookKind};
use crate::http::{Client, Failure, Next, Request, require_https};
use crate::secret::Secret;

/// A webhook whose secrets have been read. Its address is one of them, so `Debug` is by hand.
pub struct OpenWebhook<'a> {
    client: &'a Client,
    webhook: &'a Webhook,
    address: Url,
    secret: Option<Secret>,
}

impl fmt::Debug for OpenWebhook<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenWebhook").field("webhook", &self.webhook.name).finish_non_exhaustive()
    }
}

impl<'a> OpenWebhook<'a> {
    /// Reads its address and its secret.
    ///
    /// # Errors
    /// In words: a secret cannot be had, or what should be an address is none.
    pub async fn open(client: &'a Client, secrets: &SecretResolver, webhook: &'a Webhook) -> Result<Self, Failure> {
        let address = secrets.resolve(&webhook.url).await?;
        let address = Url::parse(address.expose().trim()).map_err(|_| {
            Failure::stop(format!("what is kept as the address of the webhook {} is no address", webhook.name))
        })?;
        require_https(&address)?;
        let secret = match &webhook.kind {
            WebhookKind::Json { secret: Some(secret) } => Some(secrets.resolve(secret).await?),
            _ => None,
        };
        Ok(Self { client, webhook, address, secret })
    }

    /// Posts a message; its receiver has it when this returns. One whose answer was lost arrives twice, with the same ids.
    ///
    /// # Errors
    /// Why it was not taken, in words.
    pub async fn post(&self, message: &Message) -> Result<(), Failure> {
        let body = match &self.webhook.kind {
            WebhookKind::Teams => message.teams(),
            WebhookKind::Slack => message.slack(),
            WebhookKind::Json { .. } => message.json(),
        }
        .to_string();
        // Built anew for each attempt: the signature holds the time of day.
        let answer = self.client.send_fresh(|| self.request(&body)).await;
        answer.map(|_| ()).map_err(|failure| self.in_words(failure))
    }

    fn request(&self, body: &str) -> Request {
        let request = Request::post_json(self.address.clone(), body.to_owned()).at_secret_address();
        let Some(secret) = &self.secret else { return request };
        let seconds = self.client.clock().now().as_second();
        request
            .header("x-sharetrail-timestamp", seconds.to_string())
            .header("x-sharetrail-signature", signature(secret, seconds, body))
    }

    fn in_words(&self, failure: Failure) -> Failure {
        let remedy = match failure.next {
            Next::NotFound | Next::Unauthorized | Next::Forbidden => {
                "; the address may have been renewed or the workflow switched off: make a new one and keep it in the place of the old"
            }
            _ => "",
        };
        let why = format!("the webhook {} does not take messages: {}{remedy}", self.webhook.name, failure.why);
        failure.in_words(why)
    }
}

fn signature(secret: &Secret, seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().trim().as_bytes());
    let tag = hmac::sign(&key, format!("v1:{seconds}:{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf 'v1:1795500000:{}' | openssl dgst -sha256 -hmac key`
    #[test]
    fn the_signature_is_what_other_tools_make_of_it() {
        let expected = "v1=f5d2577053d58a0824021ff12837a9d60e28ba7b1a71fccd729143f918177bf4";
        assert_eq!(signature(&Secret::new("key\n".to_owned()), 1_795_500_000, "{}"), expected);
    }
}
