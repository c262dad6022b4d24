//! `serve`: the dashboard, until it is interrupted.

use std::io::Write;

use tokio::net::TcpListener;

use super::{Context, until_interrupted};
use crate::azure::SecretResolver;
use crate::cli;
use crate::config::settings::{Settings, SignInBy};
use crate::dashboard::{self, Guard, SignIn, Token};
use crate::exit::{Failure, Outcome};
use crate::http::Client;
use crate::progress::tell;
use crate::stdout::stdout;
use crate::store::Reader;

/// Runs the command.
///
/// # Errors
/// A store that cannot be read, an address that cannot be listened on.
pub fn run(context: &Context, options: &cli::Serve) -> Result<Outcome, Failure> {
    let store = context.the_store()?;
    let settings = context.settings_if_any()?;
    // A store that cannot be read is told now, and not on every page.
    Reader::open(&store)?;
    // It has no other end, so being interrupted is no failure.
    until_interrupted(serve(store, options, settings.as_ref())).map(|_| Outcome::Done)
}

/// Serves the dashboard over a store, as long as it is polled.
///
/// # Errors
/// An address that cannot be listened on, a secret that cannot be had.
pub(super) async fn serve(
    store: std::path::PathBuf,
    options: &cli::Serve,
    settings: Option<&Settings>,
) -> Result<Outcome, Failure> {
    let sign_in = match settings {
        Some(settings) => sign_in(settings).await?,
        None => None,
    };
    let listener = TcpListener::bind(options.listen).await.map_err(|cause| {
        Failure::failed(format!(
            "cannot listen on {}: {cause}; choose another address for the dashboard",
            options.listen
        ))
    })?;
    let address = listener.local_addr()?;
    let is_beyond = !address.ip().is_loopback();
    let token = (options.token || (is_beyond && sign_in.is_none()))
        .then(Token::random)
        .transpose()
        .map_err(|_| Failure::failed("the system gives no random numbers for a token"))?;
    let key = token.as_ref().map(|token| format!("?token={}", token.expose())).unwrap_or_default();
    let guard = Guard::new(address, options.host.clone(), token, sign_in).map_err(Failure::failed)?;
    let mut out = stdout();
    writeln!(out, "dashboard: http://{address}/{key}")?;
    out.flush()?;
    drop(out);
    if is_beyond {
        tell("It is reached without encryption: put a proxy with https before it, and name it with --host.");
    }
    tell("Ctrl-C stops it.");
    // It stops when this future is dropped: whatever it was answering only read.
    dashboard::serve(listener, store, guard, std::future::pending()).await?;
    Ok(Outcome::Done)
}

/// How people sign in, where `[dashboard]` says so.
async fn sign_in(settings: &Settings) -> Result<Option<SignIn>, Failure> {
    let Some(dashboard) = &settings.dashboard else { return Ok(None) };
    let client = Client::new(&settings.http)?;
    let secret = match &dashboard.sign_in {
        SignInBy::Entra { client_secret, .. } => {
            let secrets = SecretResolver::new(&client, &settings.cloud, settings.identity.as_ref()).await?;
            Some(secrets.resolve(client_secret).await?)
        }
        SignInBy::AppService => None,
    };
    Ok(Some(SignIn::new(dashboard, &settings.cloud.authority, client, secret)?))
}
