//! `serve`, over its socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};

use crate::support::{Folder, Lab, Running, record, tenant_of};

/// A dashboard that runs beside the test.
pub struct Dashboard {
    pub address: String,
    /// As printed, with a token where there is one.
    pub url: String,
    _running: Running,
}

/// An answer: status, head and body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Dashboard {
    pub fn over(folder: &Folder, arguments: &[&str]) -> Dashboard {
        let arguments = ["serve", "--listen", "127.0.0.1:0"].iter().chain(arguments);
        let running = folder.program().start(arguments);
        let url = running.line_after("dashboard: ");
        let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
        Dashboard { address, url, _running: running }
    }

    /// What a client sends: the head of a request, without the empty line.
    pub fn send(&self, head: &str) -> Answer {
        sent(&self.address, head)
    }

    pub fn get(&self, target: &str) -> Answer {
        self.send(&format!("GET {target} HTTP/1.1\r\nHost: {}", self.address))
    }

    #[track_caller]
    pub fn page(&self, target: &str) -> String {
        let answer = self.get(target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.text()
    }

    #[track_caller]
    pub fn json(&self, target: &str) -> Value {
        serde_json::from_str(&self.page(target)).unwrap()
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// The answer of whoever listens at `address` to a request with this head.
pub fn sent(address: &str, head: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = dechunked(&head, bytes[end + 4..].to_vec());
    Answer { status, head, body }
}

fn dechunked(head: &str, body: Vec<u8>) -> Vec<u8> {
    if !head.to_lowercase().contains("transfer-encoding: chunked") {
        return body;
    }
    let (mut whole, mut rest) = (Vec::new(), body.as_slice());
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let bytes = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        whole.extend_from_slice(&rest[end + 2..end + 2 + bytes]);
        rest = &rest[end + 2 + bytes + 2..];
        if bytes == 0 {
            break;
        }
    }
    whole
}

/// As the value of a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// All rows of a list, page by page.
#[track_caller]
fn all_rows(dashboard: &Dashboard, question: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = dashboard.json(&format!("/api/v1/{question}?days=all&limit={limit}{cursor}"));
        let of_page = page["rows"].as_array().unwrap();
        assert!(of_page.len() <= limit);
        rows.extend(of_page.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encoded(next)),
            None => return rows,
        }
    }
}

#[test]
fn every_list_has_the_rows_of_its_report_page_by_page() {
    let lab = Lab::seeded(91, 2_000);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    for question in [
        "access",
        "people",
        "domains",
        "items",
        "classified",
        "unexplained",
        "shares",
        "unused",
        "gaps",
        "excluded",
        "accepts",
    ] {
        let sorted = |mut rows: Vec<Value>| {
            rows.sort_by_key(Value::to_string);
            rows
        };
        let listed = all_rows(&dashboard, question, 7);
        assert_eq!(sorted(listed), sorted(lab.folder.report(question)), "{question}");
    }
    // Latest first.
    let times: Vec<Value> =
        all_rows(&dashboard, "access", 50).iter().map(|row| row["time_generated"].clone()).collect();
    assert!(times.windows(2).all(|pair| pair[0].as_str() >= pair[1].as_str()));
}

#[test]
fn a_page_of_a_list_stays_where_it_is_while_rows_arrive() {
    let activities = (1..=6).map(|number| record(number, "FileDownloaded", i64::from(number) * 20, |_| {}));
    let mut tenant = tenant_of(activities.collect());
    let held = crate::support::held_back(&mut tenant, &["3f1e0000-0000-4000-8000-000000000001"]);
    let lab = Lab::of(tenant);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let first = dashboard.json("/api/v1/access?limit=2");
    let target = format!("/api/v1/access?limit=2&cursor={}", encoded(first["next"].as_str().unwrap()));
    let second = dashboard.json(&target);
    lab.emulator.append(held);
    lab.collect().with_code(0);
    assert_ne!(dashboard.json("/api/v1/access?limit=2")["rows"], first["rows"], "the new row is seen");
    assert_eq!(dashboard.json(&target)["rows"], second["rows"]);
}

#[test]
fn a_view_is_its_address_on_pages_in_the_api_and_in_files() {
    let lab = Lab::seeded(92, 2_000);
    lab.collect().with_code(0);
    let all = lab.folder.report("access");
    let example = all.iter().find(|row| row["domain"].is_string()).unwrap();
    let (domain, person) = (example["domain"].as_str().unwrap(), example["person"].as_str().unwrap());
    let expected: Vec<&Value> = all.iter().filter(|row| row["domain"] == domain).collect();
    let dashboard = Dashboard::over(&lab.folder, &[]);

    let query = format!("days=all&domain={}", encoded(domain));
    let rows = dashboard.json(&format!("/api/v1/access?{query}&limit=1000"))["rows"].as_array().unwrap().len();
    assert_eq!(rows, expected.len());
    let csv = dashboard.get(&format!("/access.csv?{query}"));
    assert!(csv.head.contains("content-disposition: attachment; filename=\"sharetrail-access.csv\""), "{}", csv.head);
    assert_eq!(csv::Reader::from_reader(csv.body.as_slice()).records().count(), expected.len());
    let xlsx = dashboard.get(&format!("/access.xlsx?{query}"));
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(xlsx.body)).unwrap();
    assert_eq!(book.worksheet_range("Accesses").unwrap().rows().count(), expected.len() + 1);
    let parquet = dashboard.get(&format!("/access.parquet?{query}"));
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));

    let page = dashboard.page(&format!("/access?{query}"));
    assert!(page.contains(&format!("value=\"{domain}\"")), "the filter is shown");
    assert!(page.contains(&format!("/person?id={}", encoded(person))), "a person leads to a page");
}

#[test]
fn every_page_can_be_read_and_the_way_from_the_answer_to_a_record_is_links() {
    let lab = Lab::seeded(93, 2_000);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let overview = dashboard.page("/");
    assert!(overview.contains("In the last 30 days, ") && overview.contains("Accesses over time"), "{overview:.3000}");
    for page in
        ["access", "people", "domains", "items", "classified", "unexplained", "shares", "unused", "gaps", "excluded"]
    {
        let page = dashboard.page(&format!("/{page}?days=all"));
        assert!(
            page.contains("<h1>")
                && page.contains("aria-current=\"page\"") | page.contains("Left out") | page.contains("Gaps")
        );
    }
    let status = dashboard.page("/status");
    assert!(status.contains("defender"), "{status:.3000}");

    let access = lab.folder.report("access").into_iter().find(|row| row["share_id"].is_string()).unwrap();
    let text = |key: &str| access[key].as_str().unwrap().to_owned();
    let record_id = access["evidence_ids"][0].as_str().unwrap().to_owned();
    for (page, id) in [("person", text("person")), ("item", text("item_id")), ("share", text("share_id"))] {
        let trail = dashboard.page(&format!("/{page}?id={}", encoded(&id)));
        assert!(trail.contains("What happened") && trail.contains(&record_id), "{page} does not lead to its records");
        let told = dashboard.json(&format!("/api/v1/trail?{page}={}", encoded(&id)));
        let shown = lab.folder.run(["show", page, &id, "--json"]).with_code(0).json();
        assert_eq!(told, shown, "{page}");
    }
    let record = dashboard.page(&format!("/record?id={record_id}"));
    assert!(record.contains("as the service sent them") && record.contains("CreationTime"), "{record:.3000}");
    let told = dashboard.json(&format!("/api/v1/record?id={record_id}"));
    assert!(told["sightings"][0]["record"].is_object(), "{told}");
}

#[test]
fn people_and_paths_are_found_by_a_part_of_their_name() {
    let lab = Lab::seeded(94, 2_000);
    lab.collect().with_code(0);
    let access = &lab.folder.report("access")[5];
    let (person, name) = (access["person"].as_str().unwrap(), access["item_name"].as_str().unwrap());
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let found = dashboard.page(&format!("/search?q={}", encoded(&person[..person.len() - 3].to_uppercase())));
    assert!(found.contains(&format!(">{person}<")), "{found:.4000}");
    let found = dashboard.page(&format!("/search?q={}", encoded(name.split('.').next().unwrap())));
    assert!(found.contains("/item?id="), "{found:.4000}");
    for nothing in ["%", "_____", "zzzz'; DROP TABLE text; --"] {
        assert!(!dashboard.page(&format!("/search?q={}", encoded(nothing))).contains("/person?id="), "{nothing}");
    }
}

#[test]
fn the_api_describes_itself_and_its_rows_are_as_described() {
    let lab = Lab::seeded(95, 1_000);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let description = dashboard.json("/api/v1/openapi.json");
    assert_eq!(description["openapi"], "3.1.0");
    for (path, operation) in description["paths"].as_object().unwrap() {
        let needs_id = operation["get"]["parameters"][0]["name"] == "id" || path.ends_with("trail");
        if needs_id {
            continue;
        }
        let answer = dashboard.json(path);
        let schema = &operation["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let Some(rows) = answer["rows"].as_array() else { continue };
        let reference = schema["properties"]["rows"]["items"]["$ref"].as_str().unwrap();
        let row_schema = &description["components"]["schemas"][reference.rsplit('/').next().unwrap()];
        for row in rows {
            let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
            let described: Vec<&String> = row_schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(keys, described, "{path}");
        }
    }
}

#[test]
fn what_is_not_understood_is_refused_in_words_and_in_the_form_of_the_question() {
    let folder = Folder::new();
    folder.program().fed("").run(["import", "-"]);
    let dashboard = Dashboard::over(&folder, &[]);
    for (target, status, words) in [
        ("/api/v1/access?days=tomorrow", 400, "number from 1"),
        ("/api/v1/access?colour=red", 400, "no filter"),
        ("/api/v1/access?cursor=xyz", 400, "no place"),
        ("/api/v1/shares?cursor=xyz", 400, "no place"),
        ("/api/v1/nothing", 404, "no page"),
        ("/api/v1/record?id=00000000-0000-0000-0000-000000000000", 404, "no record"),
        ("/api/v1/trail?person=nobody", 404, "Nothing is known"),
    ] {
        let answer = dashboard.get(target);
        assert_eq!(answer.status, status, "{target}");
        let error: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(error["error"].as_str().unwrap().contains(words), "{target}: {error}");
    }
    for (target, status) in
        [("/nothing", 404), ("/access?since=2026-11-02&until=2026-11-01", 400), ("/record", 400), ("/person?id=x", 404)]
    {
        let answer = dashboard.get(target);
        assert_eq!(answer.status, status, "{target}");
        assert!(answer.text().contains("<h1>"), "{target}");
    }
    // It only reads.
    assert_eq!(
        dashboard.send(&format!("POST /access HTTP/1.1\r\nHost: {}\r\nContent-Length: 0", dashboard.address)).status,
        405
    );
    // An empty store says what to do.
    assert!(dashboard.page("/").contains("sharetrail collect"));
}

#[test]
fn a_strangers_name_for_this_machine_is_refused() {
    let folder = Folder::new();
    folder.program().fed("").run(["import", "-"]);
    let dashboard = Dashboard::over(&folder, &["--host", "trail.contoso.example"]);
    let port = dashboard.address.rsplit(':').next().unwrap();
    let status = |host: &str| dashboard.send(&format!("GET / HTTP/1.1\r\nHost: {host}")).status;
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "Trail.Contoso.example".to_owned()] {
        assert_eq!(status(&host), 200, "{host}");
    }
    for host in
        ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example", "user@attacker.example"]
    {
        assert_eq!(status(host), 421, "{host}");
    }
}

#[test]
fn a_token_lets_in_who_has_it_and_leaves_the_address() {
    let folder = Folder::new();
    folder.program().fed("").run(["import", "-"]);
    let dashboard = Dashboard::over(&folder, &["--token"]);
    let (_, token) = dashboard.url.split_once("?token=").unwrap();
    let host = &dashboard.address;
    let get = |target: &str, more: &str| dashboard.send(&format!("GET {target} HTTP/1.1\r\nHost: {host}{more}"));
    for target in ["/", "/access.csv", "/api/v1/status", "/assets/style.css", "/?token=wrong"] {
        let answer = get(target, "");
        assert_eq!(answer.status, 401, "{target}");
        assert!(!answer.text().contains(token));
    }
    let welcome = get(&format!("/?token={token}"), "");
    assert_eq!(welcome.status, 303);
    assert!(welcome.head.contains("location: /\r\n"), "{}", welcome.head);
    let cookie = welcome.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(get("/", &format!("\r\nCookie: other=1; {cookie}")).status, 200);
    assert_eq!(get("/api/v1/status", &format!("\r\nAuthorization: Bearer {token}")).status, 200);
    assert_eq!(get("/api/v1/status", "\r\nAuthorization: Bearer wrong").status, 401);
}

#[test]
fn beyond_this_machine_there_is_always_a_token() {
    let folder = Folder::new();
    folder.program().fed("").run(["import", "-"]);
    let running = folder.program().start(["serve", "--listen", "0.0.0.0:0"]);
    assert!(running.line_after("dashboard: ").contains("?token="));
}

#[test]
fn no_answer_lets_a_browser_load_or_run_what_is_not_its_own() {
    let attack = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>\u{202E}";
    let long = format!("{}.docx", "n".repeat(64 * 1024));
    let activities =
        [attack, "=cmd|'/c calc'!A1", "../../../etc/passwd", &long].into_iter().zip(1..).map(|(name, number)| {
            record(number, "FileDownloaded", i64::from(number) * 20, |audit| {
                for field in ["SourceFileName", "UserAgent", "SourceRelativeUrl", "ApplicationDisplayName"] {
                    audit[field] = json!(name);
                }
                audit["ListItemUniqueId"] = json!(format!("bbbbbbbb-0000-4000-8000-{number:012}"));
            })
        });
    let lab = Lab::of(tenant_of(activities.collect()));
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let access = lab.folder.report("access");
    let record_id = access[0]["evidence_ids"][0].as_str().unwrap().to_owned();
    let item = encoded(access[0]["item_id"].as_str().unwrap());
    let mut targets: Vec<String> =
        ["/", "/access", "/people", "/items", "/shares", "/status", "/nothing%3Cscript%3E"].map(str::to_owned).to_vec();
    targets.push(format!("/item?id={item}"));
    targets.push(format!("/record?id={record_id}"));
    targets.push(format!("/search?q={}", encoded(attack)));
    targets.push(format!("/person?id={}", encoded(attack)));
    targets.push(format!("/access?domain={}", encoded(attack)));
    for target in targets {
        let answer = dashboard.get(&target);
        let page = answer.text();
        assert!(!page.contains("<img") && !page.contains("<script>"), "{target}");
        assert!(!page.contains('\u{202E}'), "{target} turns the direction of writing");
        assert!(page.len() < 1_000_000, "{target} has {} bytes", page.len());
        assert!(!page.contains(" style=") && !page.contains(" onclick="), "{target} has what its policy forbids");
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "x-frame-options: DENY",
        ] {
            assert!(answer.head.contains(header), "{target} lacks {header}: {}", answer.head);
        }
        assert!(!answer.head.contains("unsafe"), "{}", answer.head);
    }
    let csv = String::from_utf8(dashboard.get("/access.csv").body).unwrap();
    assert!(csv.contains("'=cmd|") && !csv.contains(",=cmd"), "{csv:.2000}");
}
