//! Every command in the documents is one that the program knows.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use sharetrail::cli::{Cli, Command};

use crate::support::{Folder, now_ms, seeded};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.insert(0, root().join("README.md"));
    found
}

/// The command lines in fenced blocks, as words.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let line = line.trim_start().trim_start_matches("$ ");
        if in_block && line.starts_with("sharetrail ") {
            found.push(words(line));
        }
    }
    found
}

/// Words of a shell line, up to a comment, a pipe or a redirection. What is quoted is one word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    // A blank within quotes stands as U+00A0 while the line is split.
    let mut quoted = false;
    let line: String = line
        .chars()
        .map(|c| {
            quoted ^= c == '"';
            if quoted && c == ' ' { '\u{a0}' } else { c }
        })
        .collect();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        if word.starts_with(['#', '|', '>', '&', '<']) {
            break;
        }
        words.push(word.trim_matches(['"', '\'']).replace('\u{a0}', " "));
    }
    words
}

#[test]
fn every_command_line_in_the_documents_can_be_typed() {
    let mut seen = 0;
    for path in documents() {
        for command in commands(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            if let Err(error) = Cli::try_parse_from(&command)
                && error.use_stderr()
            {
                panic!("{}: {}\n{error}", path.display(), command.join(" "));
            }
        }
    }
    assert!(seen > 10, "the documents show only {seen} commands");
}

/// A store where the documents name one, or a folder of stores, as an earlier command with a cloud would have left it.
fn make_store(folder: &Folder, state: &Path) {
    let is_folder = state.extension().is_none();
    let store = if is_folder { state.join("fabrikam.db") } else { state.to_owned() };
    let path = folder.path().join(&store);
    if !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(folder.at("sharetrail.db"), path).unwrap();
    }
}

#[test]
fn the_service_of_systemd_can_be_started_and_is_confined() {
    let unit = root().join("deploy/systemd/sharetrail.service");
    let text = fs::read_to_string(&unit).unwrap();
    let start = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/")).unwrap();
    assert!(matches!(Cli::try_parse_from(words(start)).unwrap().command, Command::Run(_)));
    // Exposure in tenths, as few distributions leave a service.
    let security = ["security", "--offline=true", "--no-pager", "--threshold=15"];
    match std::process::Command::new("systemd-analyze").args(security).arg(unit).output() {
        Ok(judged) => {
            let said =
                format!("{}{}", String::from_utf8_lossy(&judged.stdout), String::from_utf8_lossy(&judged.stderr));
            assert!(judged.status.success() && !said.contains("Failed to parse"), "{said}");
        }
        Err(error) => eprintln!("SKIP: systemd-analyze cannot be run: {error}"),
    }
}

/// The texts of a line such as `args: ["run", "-v"]`.
fn listed(line: &str) -> Vec<String> {
    let (Some(begin), Some(end)) = (line.find('['), line.rfind(']')) else { return Vec::new() };
    serde_json::from_str(&line[begin..=end]).unwrap_or_default()
}

#[test]
fn what_containers_are_told_can_be_typed() {
    let image = fs::read_to_string(root().join("deploy/container/Containerfile")).unwrap();
    let told = |word: &str| image.lines().find_map(|line| line.strip_prefix(word)).map(listed).unwrap();
    let entry = told("ENTRYPOINT ");
    assert_eq!(entry[0], "/sharetrail");
    let mut seen = vec![told("CMD ")];
    for file in ["sharetrail.yaml", "cronjob.yaml"] {
        let text = fs::read_to_string(root().join("deploy/kubernetes").join(file)).unwrap();
        seen.extend(text.lines().filter_map(|line| line.trim().strip_prefix("args: ")).map(listed));
        // Where the image keeps its store and looks for its configuration is where the volumes are.
        assert!(text.contains("mountPath: /state") && text.contains("mountPath: /etc/sharetrail"), "{file}");
    }
    assert_eq!(seen.len(), 3);
    for arguments in seen {
        let line = entry.iter().chain(&arguments);
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert!(matches!(cli.command, Command::Run(_) | Command::Collect(_)), "{arguments:?}");
        assert_eq!(cli.globals.state.as_deref(), Some(Path::new("/state")));
    }
}

#[test]
fn the_function_app_starts_the_handler_on_a_timer() {
    let json = |path: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(root().join("deploy/function").join(path)).unwrap()).unwrap()
    };
    let host = json("host.json");
    let handler = &host["customHandler"]["description"];
    let arguments = handler["arguments"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    let typed = std::iter::once(handler["defaultExecutablePath"].as_str().unwrap()).chain(arguments);
    assert!(matches!(Cli::try_parse_from(typed).unwrap().command, Command::Function(_)));
    let timer = &json("CollectTimer/function.json")["bindings"][0];
    assert_eq!((&timer["type"], &timer["runOnStartup"]), (&"timerTrigger".into(), &false.into()));
    let settings = json("local.settings.example.json");
    assert_eq!(settings["Values"]["FUNCTIONS_WORKER_RUNTIME"], "custom");
    // Each setting that the timer names is among them.
    let named = timer["schedule"].as_str().unwrap().trim_matches('%');
    assert!(settings["Values"][named].is_string(), "{named}");
}

#[test]
fn every_command_in_the_documents_that_needs_no_cloud_runs() {
    let exported = Folder::new();
    let files = emulator::story::export(&seeded(70, 1_500, now_ms()), exported.path()).unwrap();
    for path in documents() {
        let folder = Folder::new();
        for file in &files {
            fs::copy(file, folder.at(file.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        // So that a report that comes first has something to report.
        folder.run(["import", "audit.ndjson"]).with_code(0);
        // A path from the root is a place of the reader's machine.
        let elsewhere = |command: &Vec<String>| command.iter().any(|word| word.starts_with('/'));
        for command in commands(&fs::read_to_string(&path).unwrap()) {
            if elsewhere(&command) {
                continue;
            }
            let Ok(Cli { command: typed, globals }) = Cli::try_parse_from(&command) else { continue };
            if let Some(state) = globals.state {
                make_store(&folder, &state);
            }
            match &typed {
                Command::Backfill(_)
                | Command::Collect(_)
                | Command::Doctor(_)
                | Command::Emulate(_)
                | Command::Function(_)
                | Command::Run(_)
                | Command::Serve(_)
                | Command::Show(_)
                | Command::TestAlert(_) => continue,
                Command::Import(import) => {
                    for file in import.files.iter().filter(|file| !file.exists()) {
                        fs::copy(folder.at("purview.csv"), folder.path().join(file)).unwrap();
                    }
                }
                _ => {}
            }
            // A configuration of its own example would bind the other commands' store to another tenant.
            let alone = Folder::new();
            let place = if matches!(typed, Command::Init(_)) { &alone } else { &folder };
            let ended = place.program().run(&command[1..]);
            assert_eq!(ended.code, Some(0), "{}: {}\n{ended}", path.display(), command.join(" "));
        }
    }
}
