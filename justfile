# Short names for what is typed often. `just` lists them; none is needed: each is one command.

default:
    @just --list

# Starts the emulator with a seeded tenant, collects, delivers and shows the answer.
demo *options:
    cargo run --release -- demo {{ options }}

# Everything that a change must pass; `just test --all` for the slow stages as well.
test *options:
    ./scripts/test {{ options }}

# Lints alone, warnings as errors, in the profile of the tests.
lint:
    cargo clippy --release --workspace --all-targets --locked -- -D warnings

# The crash harness and the table of faults, in the long form (two minutes, and at most ten): writes docs/reliability.md.
crash:
    SHARETRAIL_WRITE_RELIABILITY=1 cargo test --release -p sharetrail --features crash-points --test it -- --nocapture the_page_on_reliability secrets

# Fuzzes each target, or one, for so many seconds; what is found stays in the target folder.
fuzz seconds="600" target="":
    SHARETRAIL_FUZZ_SECONDS={{ seconds }} ./scripts/fuzz {{ target }}

# Builds what is handed out: packages, checksums, bill of materials; `just release linux` for one platform.
release *platforms:
    ./scripts/release {{ platforms }}

# Formats the code.
fmt:
    cargo fmt --all

# Runs the benchmarks, or those whose name contains the filter.
bench *filter:
    cargo bench --workspace -- {{ filter }}

# The documentation of the code, as a web page.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --lib --no-deps --open
