//! `test-alert`: a message to each webhook, so that one knows that they arrive.

use std::io::Write;

use super::{Context, until_interrupted};
use crate::alerts::message::Message;
use crate::alerts::webhook::OpenWebhook;
use crate::azure::SecretResolver;
use crate::cli;
use crate::config::settings::{Settings, Webhook};
use crate::exit::{Failure, Outcome};
use crate::http::{self, Client};
use crate::progress::tell;
use crate::report::plain;
use crate::stdout::stdout;

/// Runs the command.
///
/// # Errors
/// There is no such webhook, or one does not take the message.
pub fn run(context: &Context, arguments: &cli::TestAlert) -> Result<Outcome, Failure> {
    let settings = context.settings()?;
    let webhooks = wanted(&settings, &arguments.webhook)?;
    until_interrupted(async {
        let client = Client::new(&settings.http)?;
        let secrets = SecretResolver::new(&client, &settings.cloud, settings.identity.as_ref()).await?;
        let message =
            Message::Test { tenant: settings.tenants.first().map(|tenant| tenant.name.clone()).unwrap_or_default() };
        let mut failed = 0;
        for webhook in &webhooks {
            match post(&client, &secrets, webhook, &message).await {
                Ok(()) => writeln!(stdout(), "{}: it took the message", plain(&webhook.name))?,
                Err(failure) => {
                    failed += 1;
                    tell(&plain(&failure.to_string()));
                }
            }
        }
        match failed {
            0 => Ok(Outcome::Done),
            _ => Err(Failure::failed(format!("{failed} of {} webhooks took no message", webhooks.len()))),
        }
    })
}

async fn post(
    client: &Client,
    secrets: &SecretResolver,
    webhook: &Webhook,
    message: &Message,
) -> Result<(), http::Failure> {
    OpenWebhook::open(client, secrets, webhook).await?.post(message).await
}

fn wanted<'a>(settings: &'a Settings, names: &[String]) -> Result<Vec<&'a Webhook>, Failure> {
    let webhooks = &settings.alerts.webhooks;
    if webhooks.is_empty() {
        return Err(Failure::usage("no [[alerts.webhook]] is configured: there is nobody to tell"));
    }
    if let Some(unknown) = names.iter().find(|name| webhooks.iter().all(|webhook| webhook.name != **name)) {
        let known: Vec<&str> = webhooks.iter().map(|webhook| webhook.name.as_str()).collect();
        return Err(Failure::usage(format!("there is no webhook `{unknown}`; there is {}", known.join(", "))));
    }
    Ok(webhooks.iter().filter(|webhook| names.is_empty() || names.contains(&webhook.name)).collect())
}
