//! Who is let in, and what a browser may do with what it gets.
//!
//! Pages hold personal data, and a browser on this machine also visits strangers' pages. So: the host that the browser
//! believes it talks to must be one of ours (DNS rebinding makes a stranger's name point here); beyond this machine a
//! token is needed, or somebody who has signed in; and no page may load, run or send anything but its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::Refusal;
use super::sign_in::{self, SignIn};
use super::visit::{Visit, WayOut};

/// The cookie that keeps the token.
const COOKIE: &str = "sharetrail_token";
/// Random bytes of a token.
const TOKEN_BYTES: usize = 24;

/// Nothing but the page's own style, script, pictures and API; shown in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is checked of each request.
#[derive(Debug)]
pub struct Guard {
    /// Names under which the dashboard is reached, beside addresses and `localhost`.
    hosts: Vec<String>,
    token: Option<Token>,
    sign_in: Option<Arc<SignIn>>,
}

/// A secret that lets in whoever has it. It is printed once, in the address to open.
pub struct Token(String);

impl Guard {
    /// Loopback is open to this machine unless there is a token or people sign in; any other address needs one of them.
    /// Where there are both, either opens the door.
    ///
    /// # Errors
    /// There is neither, and `listen` is no loopback address.
    pub fn new(
        listen: SocketAddr,
        mut hosts: Vec<String>,
        token: Option<Token>,
        sign_in: Option<SignIn>,
    ) -> Result<Self, &'static str> {
        if token.is_none() && sign_in.is_none() && !listen.ip().is_loopback() {
            return Err("beyond this machine the dashboard needs a token, or people who sign in");
        }
        hosts.extend(sign_in.as_ref().and_then(SignIn::host).map(str::to_owned));
        let hosts = hosts.into_iter().map(|host| host.to_lowercase()).collect();
        Ok(Self { hosts, token, sign_in: sign_in.map(Arc::new) })
    }

    /// Whether a token lets in.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// How people sign in, if they do.
    pub(super) fn sign_in(&self) -> Option<Arc<SignIn>> {
        self.sign_in.clone()
    }

    /// An address cannot be rebound, and `localhost` is this machine; other names must be ours.
    fn knows(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost" || bare.parse::<IpAddr>().is_ok() || self.hosts.contains(&host)
    }
}

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn random() -> Result<Self, ring::error::Unspecified> {
        let mut bytes = [0; TOKEN_BYTES];
        SystemRandom::new().fill(&mut bytes)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// For the address to open.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compared by hash, so that the time it takes tells nothing.
    fn is(&self, offered: &str) -> bool {
        blake3::hash(self.0.as_bytes()) == blake3::hash(offered.as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// Lets a request through, or says why not.
pub(super) async fn check(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let mut answer = match admit(&guard, &request) {
        Admission::In(visit) => {
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Admission::WithToken(token) => {
            // The token leaves the address, so that it is in no history, no bookmark and no colleague's mail.
            let cookie = token_cookie(&token);
            let place = [(header::LOCATION, request.uri().path().to_owned()), (header::SET_COOKIE, cookie)];
            (StatusCode::SEE_OTHER, place).into_response()
        }
        Admission::ToSignIn(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Admission::Not(refusal) => refusal.response(is_for_programs(&request)),
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    // What is personal stays in no cache; assets have said otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// The cookie that keeps a token, or with an empty one forgets it.
pub(super) fn token_cookie(token: &str) -> String {
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{COOKIE}={token}; Path=/{age}; HttpOnly; SameSite=Strict")
}

enum Admission {
    In(Visit),
    WithToken(String),
    ToSignIn(String),
    Not(Refusal),
}

fn admit(guard: &Guard, request: &Request) -> Admission {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    if !host.is_some_and(|host| guard.knows(host.host())) {
        return Admission::Not(Refusal::UnknownHost);
    }
    if let Some(token) = &guard.token {
        if bearer(request.headers()).is_some_and(|offered| token.is(offered)) {
            return Admission::In(Visit::default());
        }
        if cookies(request.headers()).any(|offered| token.is(offered)) {
            return Admission::In(Visit { name: None, way_out: Some(WayOut::Ours) });
        }
        if let Some(offered) = token_in_address(request).filter(|offered| token.is(offered)) {
            return Admission::WithToken(offered);
        }
    }
    match (&guard.sign_in, &guard.token) {
        (Some(sign_in), _) => by_sign_in(sign_in, request),
        (None, Some(_)) => Admission::Not(Refusal::NoToken),
        (None, None) => Admission::In(Visit::default()),
    }
}

/// Pages lead to where people sign in; programs and what a page loads are told that nobody has.
fn by_sign_in(sign_in: &SignIn, request: &Request) -> Admission {
    let path = request.uri().path();
    let is_open = path == sign_in::PATH || path.starts_with("/sign-in/") || path.starts_with("/assets/");
    match sign_in.visitor(request.headers()) {
        _ if is_open => Admission::In(Visit::default()),
        Ok(visitor) => {
            let way_out = if sign_in.has_a_door() { WayOut::Ours } else { WayOut::AppService };
            Admission::In(Visit { name: Some(visitor.name), way_out: Some(way_out) })
        }
        Err(Refusal::NotSignedIn) if sign_in.has_a_door() && !is_for_programs(request) => {
            let to = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
            Admission::ToSignIn(format!("{}?to={to}", sign_in::PATH))
        }
        Err(refusal) => Admission::Not(refusal),
    }
}

/// The token in the header, for programs.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Tokens in cookies, for browsers.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|cookies| cookies.split("; "));
    cookies.filter_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

fn token_in_address(request: &Request) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "token").map(|(_, value)| value.into_owned())
}

fn is_for_programs(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    #[test]
    fn beyond_this_machine_a_token_is_needed() {
        assert!(Guard::new(listen("127.0.0.1:80"), vec![], None, None).is_ok());
        assert!(Guard::new(listen("[::1]:80"), vec![], None, None).is_ok());
        for address in ["0.0.0.0:80", "192.0.2.1:80", "[::]:80"] {
            assert!(Guard::new(listen(address), vec![], None, None).is_err(), "{address}");
            assert!(Guard::new(listen(address), vec![], Some(Token::random().unwrap()), None).is_ok(), "{address}");
        }
    }

    #[test]
    fn only_hosts_that_cannot_be_rebound_or_are_ours_are_known() {
        let guard = Guard::new(listen("127.0.0.1:80"), vec!["Trail.contoso.example".into()], None, None).unwrap();
        for host in ["localhost", "127.0.0.1", "[::1]", "192.0.2.1", "trail.contoso.example"] {
            assert!(guard.knows(host), "{host}");
        }
        for host in ["attacker.example", "localhost.attacker.example", "127.0.0.1.nip.example", ""] {
            assert!(!guard.knows(host), "{host}");
        }
    }

    #[test]
    fn a_token_is_not_printed_by_accident() {
        let token = Token::random().unwrap();
        assert!(!format!("{token:?}").contains(token.expose()));
        assert!(token.is(token.expose()) && !token.is("") && token.expose().len() >= 32);
    }
}
