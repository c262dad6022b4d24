//! `serve`: the dashboard, until it is interrupted.

use std::io::Write;

use tokio::net::TcpListener;

use super::{Context, until_interrupted};
use crate::cli;
use crate::dashboard::{self, Guard, Token};
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::stdout::stdout;
use crate::store::Reader;

/// Runs the command.
///
/// # Errors
/// A store that cannot be read, an address that cannot be listened on.
pub fn run(context: &Context, options: &cli::Serve) -> Result<Outcome, Failure> {
    let store = context.the_store()?;
    // A store that cannot be read is told now, and not on every page.
    Reader::open(&store)?;
    // It has no other end, so being interrupted is no failure.
    until_interrupted(serve(store, options)).map(|_| Outcome::Done)
}

async fn serve(store: std::path::PathBuf, options: &cli::Serve) -> Result<Outcome, Failure> {
    let listener = TcpListener::bind(options.listen).await.map_err(|cause| {
        Failure::failed(format!("cannot listen on {}: {cause}; choose another address with --listen", options.listen))
    })?;
    let address = listener.local_addr()?;
    let is_beyond = !address.ip().is_loopback();
    let token = (options.token || is_beyond)
        .then(Token::random)
        .transpose()
        .map_err(|_| Failure::failed("the system gives no random numbers for a token"))?;
    let key = token.as_ref().map(|token| format!("?token={}", token.expose())).unwrap_or_default();
    let guard = Guard::new(address, options.host.clone(), token).map_err(Failure::failed)?;
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
