//! Signing in to the dashboard: with Entra ID, and by the header of App Service.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use emulator::Forgery;
use serde_json::{Value, json};
use toml::Table;
use url::Url;

use crate::dashboard::{Answer, Dashboard, sent};
use crate::support::{Lab, record, tenant_of};

/// A tenant whose dashboard is reached under this name by those who sign in.
const HOST: &str = "trail.contoso.example";

/// The tenant, and a dashboard that lets in `users` and `groups`.
fn lab(users: &[&str], groups: &[&str]) -> (Lab, Dashboard) {
    let lab = bare_lab();
    let endpoints = lab.endpoints();
    let mut table: Table = format!(
        "sign_in = \"entra\"\nbase_url = \"https://{HOST}\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\n\
         client_secret = \"file:client-secret\"\nusers = {users:?}\ngroups = {groups:?}",
        endpoints.tenant_id, endpoints.installation.client_id
    )
    .parse()
    .unwrap();
    table.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    lab.configure(|configuration| configuration.set("dashboard", table));
    let dashboard = Dashboard::over(&lab.folder, &[]);
    (lab, dashboard)
}

/// Nobody has configured the dashboard yet. The emulator speaks plain http, too, as the test has no browser.
fn bare_lab() -> Lab {
    let tenant = tenant_of(vec![record(1, "FileDownloaded", 20, |_| {})]);
    let lab = Lab::with(tenant, |options| options.listen_http = Some("127.0.0.1:0".parse().unwrap()));
    lab.collect().with_code(0);
    lab
}

fn as_person(lab: &Lab) -> String {
    lab.endpoints().signed_in.object_id.clone()
}

/// A browser's request, with its cookies.
fn ask(dashboard: &Dashboard, target: &str, cookies: &str) -> Answer {
    let cookies = if cookies.is_empty() { String::new() } else { format!("\r\nCookie: {cookies}") };
    dashboard.send(&format!("GET {target} HTTP/1.1\r\nHost: {HOST}{cookies}"))
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut lines = answer.head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[track_caller]
fn location(answer: &Answer) -> &str {
    header(answer, "location").unwrap_or_else(|| panic!("{} leads nowhere: {}", answer.status, answer.text()))
}

/// A cookie as the browser sends it back.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    header(answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

/// What the form of a page sends.
fn sign_out(dashboard: &Dashboard, host: &str, cookies: &str) -> Answer {
    dashboard.send(&format!("POST /sign-out HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nCookie: {cookies}"))
}

/// Begins to sign in. Returns where the browser comes back to, and its cookie.
#[track_caller]
fn begun(lab: &Lab, dashboard: &Dashboard, target: &str) -> (String, String) {
    let to_sign_in = ask(dashboard, target, "");
    assert_eq!(to_sign_in.status, 303, "{}", to_sign_in.text());
    let to_entra = ask(dashboard, location(&to_sign_in), "");
    assert_eq!(to_entra.status, 303, "{}", to_entra.text());
    let authorize = Url::parse(location(&to_entra)).unwrap();
    assert!(authorize.as_str().starts_with(lab.endpoints().https.as_str()), "{authorize}");
    let http = lab.endpoints().http.as_ref().unwrap();
    let address = format!("127.0.0.1:{}", http.port().unwrap());
    let path = format!("{}?{}", authorize.path(), authorize.query().unwrap());
    let back = sent(&address, &format!("GET {path} HTTP/1.1\r\nHost: {address}"));
    let back = Url::parse(location(&back)).unwrap();
    assert_eq!(back.host_str(), Some(HOST), "{back}");
    (format!("{}?{}", back.path(), back.query().unwrap()), cookie(&to_entra))
}

#[test]
fn whoever_is_named_or_in_a_group_signs_in_and_sees_what_was_asked_for() {
    let ids = bare_lab();
    let (person, group) = (as_person(&ids), ids.endpoints().signed_in.groups[0].clone());
    for (users, groups) in [(vec![person.as_str()], vec![]), (vec![], vec![group.as_str()])] {
        let (lab, dashboard) = lab(&users, &groups);
        let (back, browser) = begun(&lab, &dashboard, "/people?days=all");
        let signed_in = ask(&dashboard, &back, &browser);
        assert_eq!((signed_in.status, location(&signed_in)), (303, "/people?days=all"), "{}", signed_in.text());
        let set = header(&signed_in, "set-cookie").unwrap();
        for part in ["__Host-", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(part), "{set}");
        }
        let session = cookie(&signed_in);
        assert_eq!(ask(&dashboard, "/people?days=all", &session).status, 200);
        assert_eq!(ask(&dashboard, "/api/v1/access", &session).status, 200);
        // Each page says who looks, and how to leave.
        let page = ask(&dashboard, "/people?days=all", &session).text();
        assert!(page.contains(&lab.endpoints().signed_in.user_name) && page.contains("action=\"/sign-out\""), "{page}");
        // Leaving takes more than an address, which another site's page could lead to.
        assert_eq!(ask(&dashboard, "/sign-out", &session).status, 405);
        assert_eq!(ask(&dashboard, "/people?days=all", &session).status, 200);
        let signed_out = sign_out(&dashboard, HOST, &session);
        assert!(signed_out.status == 200 && header(&signed_out, "set-cookie").unwrap().contains("Max-Age=0"));
        assert_eq!(ask(&dashboard, "/people?days=all", &session).status, 303);
    }
}

#[test]
fn without_a_session_pages_lead_to_sign_in_and_programs_are_refused() {
    let (_lab, dashboard) = lab(&["11111111-2222-3333-4444-555555555555"], &[]);
    for page in ["/", "/access", "/record?id=1", "/access.csv", "/nothing"] {
        let answer = ask(&dashboard, page, "");
        assert!(answer.status == 303 && location(&answer).starts_with("/sign-in?to=%2F"), "{page}");
    }
    let forged = "__Host-sharetrail_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; sharetrail_session=x";
    for cookies in ["", forged] {
        let answer = ask(&dashboard, "/api/v1/access", cookies);
        let error: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(answer.status == 401 && error["error"].as_str().unwrap().contains("sign in"), "{error}");
    }
    // The header of App Service means nothing here.
    let header = format!("X-MS-CLIENT-PRINCIPAL: {}", BASE64_STANDARD.encode("{}"));
    assert_eq!(dashboard.send(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n{header}")).status, 303);
}

#[test]
fn whoever_is_not_named_is_told_so_and_gets_no_session() {
    let (lab, dashboard) = lab(&["11111111-2222-3333-4444-555555555555"], &[]);
    let (back, browser) = begun(&lab, &dashboard, "/");
    let answer = ask(&dashboard, &back, &browser);
    assert!(answer.status == 403 && answer.text().contains("may not open this dashboard"), "{}", answer.text());
    assert_eq!(header(&answer, "set-cookie"), None);
}

#[test]
fn a_forged_id_token_opens_nothing() {
    let person = as_person(&bare_lab());
    let (lab, dashboard) = lab(&[&person], &[]);
    for (forgery, words) in [
        (Forgery::WrongKey, "is not signed by Entra ID"),
        (Forgery::NoSignature, "is not signed in the way of Entra ID"),
        (Forgery::SharedSecret, "is not signed in the way of Entra ID"),
        (Forgery::WrongAudience, "is for another application"),
        (Forgery::WrongIssuer, "is of another directory"),
        (Forgery::WrongTenant, "of another directory"),
        (Forgery::WrongNonce, "is of another sign-in"),
        (Forgery::Expired, "has expired"),
    ] {
        lab.emulator.forge_id_tokens(Some(forgery));
        let (back, browser) = begun(&lab, &dashboard, "/");
        let answer = ask(&dashboard, &back, &browser);
        assert!(answer.status == 403 && answer.text().contains(words), "{forgery:?}: {}", answer.text());
        assert_eq!(header(&answer, "set-cookie"), None, "{forgery:?}");
    }
    lab.emulator.forge_id_tokens(None);
    let (back, browser) = begun(&lab, &dashboard, "/");
    assert_eq!(ask(&dashboard, &back, &browser).status, 303);
}

#[test]
fn a_sign_in_comes_back_once_and_to_the_browser_that_began_it() {
    let person = as_person(&bare_lab());
    let (lab, dashboard) = lab(&[&person], &[]);
    let (back, browser) = begun(&lab, &dashboard, "/");
    // In another browser, to which somebody sent the address.
    assert_eq!(ask(&dashboard, &back, "").status, 403);
    // And it is spent by that.
    assert_eq!(ask(&dashboard, &back, &browser).status, 403);
    let (back, browser) = begun(&lab, &dashboard, "/");
    assert_eq!(ask(&dashboard, &back, &browser).status, 303);
    let replayed = ask(&dashboard, &back, &browser);
    assert!(replayed.status == 403 && replayed.text().contains("Sign in again"), "{}", replayed.text());
    // A state that was never given out, and none.
    for target in ["/sign-in/answer?code=x&state=y", "/sign-in/answer"] {
        assert_eq!(ask(&dashboard, target, &browser).status, 403, "{target}");
    }
    // A person who said no comes back with Entra ID's words, which are no markup.
    let (back, browser) = begun(&lab, &dashboard, "/");
    let state = back.split("state=").nth(1).unwrap();
    let refused = format!("/sign-in/answer?error=access_denied&error_description=%3Cb%3Eno%3C/b%3E&state={state}");
    let answer = ask(&dashboard, &refused, &browser);
    assert!(answer.status == 403 && answer.text().contains("&lt;b&gt;no"), "{}", answer.text());
}

#[test]
fn signing_in_leads_to_no_other_host() {
    let person = as_person(&bare_lab());
    let (lab, dashboard) = lab(&[&person], &[]);
    let http = format!("127.0.0.1:{}", lab.endpoints().http.as_ref().unwrap().port().unwrap());
    let to_entra = ask(&dashboard, "/sign-in?to=%2F%2Fattacker.example", "");
    let authorize = Url::parse(location(&to_entra)).unwrap();
    let path = format!("{}?{}", authorize.path(), authorize.query().unwrap());
    let back = sent(&http, &format!("GET {path} HTTP/1.1\r\nHost: {http}"));
    let back = Url::parse(location(&back)).unwrap();
    let target = format!("{}?{}", back.path(), back.query().unwrap());
    assert_eq!(location(&ask(&dashboard, &target, &cookie(&to_entra))), "/");
}

#[test]
fn beyond_this_machine_people_who_sign_in_need_no_token() {
    let (lab, _here) = lab(&["11111111-2222-3333-4444-555555555555"], &[]);
    let everywhere = lab.folder.program().start(["serve", "--listen", "0.0.0.0:0"]);
    assert!(!everywhere.line_after("dashboard: ").contains("token="));
    let with_token = Dashboard::over(&lab.folder, &["--token"]);
    let token = with_token.url.split("token=").nth(1).unwrap();
    let head = format!("GET /api/v1/access HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}");
    assert_eq!(with_token.send(&head).status, 200);
}

/// What App Service says of a person.
fn principal(provider: &str, tenant: &str, person: &str, group: &str) -> String {
    let schemas = "http://schemas.microsoft.com/identity/claims";
    let claims = json!([
        {"typ": format!("{schemas}/objectidentifier"), "val": person}, {"typ": format!("{schemas}/tenantid"), "val": tenant},
        {"typ": "groups", "val": group}, {"typ": "preferred_username", "val": "reader@contoso.example"},
    ]);
    let principal = json!({"auth_typ": provider, "name_typ": "name", "role_typ": "roles", "claims": claims});
    format!("X-MS-CLIENT-PRINCIPAL: {}", BASE64_STANDARD.encode(principal.to_string()))
}

#[test]
fn the_header_of_app_service_is_believed_where_it_is_configured_and_only_of_those_who_are_named() {
    let (tenant, group) = ("11111111-2222-3333-4444-555555555555", "22222222-2222-3333-4444-555555555555");
    let lab = bare_lab();
    let table = format!("sign_in = \"app_service\"\ntenant_id = \"{tenant}\"\ngroups = [\"{group}\"]");
    lab.configure(|configuration| configuration.set("dashboard", table.parse::<Table>().unwrap()));
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let person = "33333333-2222-3333-4444-555555555555";
    let ask = |headers: &str| {
        dashboard.send(&format!("GET /access HTTP/1.1\r\nHost: {}\r\n{headers}", dashboard.address)).status
    };
    let right = principal("aad", tenant, person, group);
    assert_eq!(ask(&right), 200);
    let page = dashboard.send(&format!("GET / HTTP/1.1\r\nHost: {}\r\n{right}", dashboard.address)).text();
    assert!(page.contains("reader@contoso.example") && page.contains("href=\"/.auth/logout"), "{page}");
    assert_eq!(ask("Accept: */*"), 401);
    assert_eq!(ask("X-MS-CLIENT-PRINCIPAL: bm90IEpTT04="), 401);
    assert_eq!(ask(&format!("{right}\r\n{right}")), 401, "one of two came from outside");
    assert_eq!(ask(&principal("github", tenant, person, group)), 401);
    assert_eq!(ask(&principal("aad", tenant, person, tenant)), 403);
    assert_eq!(ask(&principal("aad", group, person, group)), 403);
    // Without the setting it is what any browser could send.
    lab.configure(|configuration| configuration);
    let dashboard = Dashboard::over(&lab.folder, &["--token"]);
    let head = format!("GET /access HTTP/1.1\r\nHost: {}\r\n{right}", dashboard.address);
    assert_eq!(dashboard.send(&head).status, 401);
}

#[test]
fn a_browser_that_came_with_the_token_signs_out_and_needs_the_address_again() {
    let lab = bare_lab();
    let dashboard = Dashboard::over(&lab.folder, &["--token"]);
    let token = dashboard.url.split("token=").nth(1).unwrap();
    let ask = |target: &str, cookies: &str| {
        dashboard.send(&format!("GET {target} HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}", dashboard.address))
    };
    let opened = cookie(&ask(&format!("/?token={token}"), ""));
    let page = ask("/", &opened);
    assert!(page.status == 200 && page.text().contains("Sign out"), "{}", page.text());
    let signed_out = sign_out(&dashboard, &dashboard.address, &opened);
    assert_eq!(signed_out.status, 200, "{}", signed_out.text());
    let forgotten = header(&signed_out, "set-cookie").unwrap();
    assert!(forgotten.starts_with("sharetrail_token=;") && forgotten.contains("Max-Age=0"), "{forgotten}");
    assert_eq!(ask("/", &cookie(&signed_out)).status, 401);
    // Where nothing lets in, nothing is to be left.
    let open = Dashboard::over(&lab.folder, &[]);
    let page = open.send(&format!("GET / HTTP/1.1\r\nHost: {}", open.address)).text();
    assert!(!page.contains("Sign out"), "{page}");
}
