//! Checks of `[function]`.

use super::check::Check;
use super::settings::Function;
use super::written::FunctionTable;

const MIB: u64 = 1024 * 1024;
/// As many blocks as a blob may have (Microsoft: "Put Block List": 50,000), with room to spare.
const STATE_BYTES_MAX: u64 = 8 * 1024 * MIB;

impl Default for Function {
    fn default() -> Self {
        Self {
            storage: "AzureWebJobsStorage".to_owned(),
            container: "sharetrail".to_owned(),
            state_bytes_max: 400 * MIB,
            minutes_max: None,
        }
    }
}

/// `[function]`
pub fn function(check: &mut Check, table: FunctionTable) -> Function {
    let default = Function::default();
    let storage = table.storage.unwrap_or(default.storage);
    let is_setting = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if storage.is_empty() || !storage.bytes().all(is_setting) {
        check.problem(
            "function.storage",
            "must be the name of an app setting, such as \"AzureWebJobsStorage\"; the connection string stays in the setting",
        );
    }
    let container = table.container.unwrap_or(default.container);
    if !is_container(&container) {
        check.problem("function.container", "must be 3 to 63 lower case letters, digits and single hyphens");
    }
    Function {
        storage,
        container,
        state_bytes_max: check.number(
            "function.state_bytes_max",
            table.state_bytes_max,
            default.state_bytes_max,
            16 * MIB..=STATE_BYTES_MAX,
        ),
        minutes_max: table
            .minutes_max
            .map(|minutes| check.number32("function.minutes_max", Some(minutes), 4, 1..=24 * 60)),
    }
}

/// Microsoft: "Naming and referencing containers, blobs, and metadata".
fn is_container(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}
