//! Azure Storage as its vendor's own stand-in, Azurite, from npm: started once for all tests of this process, and gone with
//! it. Where it is not installed, tests that need it say so and end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sharetrail::azure::SharedKey;
use sharetrail::http::Clock;
use sharetrail::secret::Secret;
use url::Url;

/// The public account and key of every Azurite.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Ends with whoever holds the other end of its standard input, however that ends.
const SCRIPT: &str = "process.stdin.on('end', () => process.exit()).resume(); require('azurite/dist/src/blob/main.js')";

struct Azurite {
    address: String,
    _child: Child,
}

static AZURITE: OnceLock<Option<Azurite>> = OnceLock::new();

/// A container of a test's own in Azurite.
pub struct Blobs {
    address: &'static str,
    pub container: String,
}

/// What the service answered.
pub struct Answered {
    pub status: u16,
    pub head: String,
}

impl Blobs {
    /// `None`: Azurite is not installed, which has been said.
    pub fn of(container: &str) -> Option<Blobs> {
        let azurite = AZURITE.get_or_init(start).as_ref()?;
        Some(Blobs { address: &azurite.address, container: container.to_owned() })
    }

    /// For the app setting.
    pub fn connection_string(&self) -> String {
        let address = self.address;
        format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint=http://{address}/{ACCOUNT};"
        )
    }

    /// As if so much time had passed that a lease ran out, if there is one.
    pub fn let_the_lease_run_out(&self, blob: &str) {
        let headers = [("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "0")];
        let status = self.ask("PUT", &format!("{blob}?comp=lease"), &headers, b"").status;
        assert!(matches!(status, 202 | 409), "{status}");
    }

    /// Takes the lease as somebody else; returns its id.
    pub fn lease(&self, blob: &str) -> String {
        let headers = [("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "60")];
        let answered = self.ask("PUT", &format!("{blob}?comp=lease"), &headers, b"");
        assert_eq!(answered.status, 201, "{}", answered.head);
        answered.header("x-ms-lease-id").unwrap()
    }

    /// Whether somebody holds the lease.
    pub fn is_leased(&self, blob: &str) -> bool {
        self.ask("HEAD", blob, &[], b"").header("x-ms-lease-state").as_deref() == Some("leased")
    }

    /// Which version it is; `None`: it is not there.
    pub fn etag(&self, blob: &str) -> Option<String> {
        self.ask("HEAD", blob, &[], b"").header("etag")
    }

    /// Writes a blob in one piece, as any tool would.
    pub fn write(&self, blob: &str, content: &[u8]) {
        let status = self.ask("PUT", "?restype=container", &[], b"").status;
        assert!(matches!(status, 201 | 409), "{status}");
        let answered = self.ask("PUT", blob, &[("x-ms-blob-type", "BlockBlob")], content);
        assert_eq!(answered.status, 201, "{}", answered.head);
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        let slash = if path.starts_with('?') { "" } else { "/" };
        let url = format!("http://{}/{ACCOUNT}/{}{slash}{path}", self.address, self.container);
        let url = Url::parse(&url).unwrap();
        let date = httpdate_of(Clock::System.now().as_second());
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        headers.push(("x-ms-date".to_owned(), date));
        headers.push(("x-ms-version".to_owned(), "2021-12-02".to_owned()));
        headers.push(("content-length".to_owned(), body.len().to_string()));
        let key = SharedKey::new(ACCOUNT, &Secret::new(KEY)).unwrap();
        let authorization = key.authorization(method, &url, &headers);
        let target = &url[url::Position::BeforePath..];
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in &headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("authorization: {}\r\n\r\n", authorization.expose()));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answered { status, head }
    }
}

impl Answered {
    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    }
}

/// `Tue, 24 Nov 2026 03:00:00 GMT`
fn httpdate_of(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Where `scripts/test` installs it, unless `AZURITE` names a folder that has it.
fn folder() -> PathBuf {
    let named = std::env::var_os("AZURITE").map(PathBuf::from);
    // The tests' program is in target/PROFILE/deps.
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    named.unwrap_or_else(|| target.join("tools/azurite"))
}

fn start() -> Option<Azurite> {
    let folder = folder();
    if !folder.join("node_modules/azurite").is_dir() {
        // Past the test runner, which keeps what a test says that passes.
        let said = format!("SKIP: Azurite is not installed in {}; scripts/test does that, with npm", folder.display());
        let mut past_the_runner = std::io::stderr();
        writeln!(past_the_runner, "{said}").unwrap();
        return None;
    }
    let options = ["azurite", "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"];
    let mut child = Command::new("node")
        .args(["-e", SCRIPT])
        .args(options)
        .args(["--skipApiVersionCheck", "--disableTelemetry", "--silent"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let beginning = "Azurite Blob service successfully listens on http://";
    let address = lines.find_map(|line| line.unwrap().strip_prefix(beginning).map(str::to_owned));
    let address = address.expect("Azurite ended before it listened");
    // It must not be held up by a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some(Azurite { address, _child: child })
}
