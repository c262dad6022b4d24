//! Microsoft Graph: audit-log queries, advanced hunting, and what may differ between tenants.

/// What Graph does.
#[derive(Debug, Clone)]
pub struct GraphOptions {
    /// In which versions audit-log queries exist; the other one answers 404 `UnknownError`, as was seen in 2026.
    pub audit_queries: AuditQueries,
    /// When a query is done.
    pub query_life: QueryLife,
    /// So many queries fail, the first ones that are made.
    pub failing_queries: u64,
    /// Queries that may be unfinished at one time.
    pub queries_at_once_max: usize,
    /// Queries that may be made in a minute; `None` lifts the limit.
    pub queries_per_minute: Option<usize>,
    /// Records on a page that asks for no number.
    pub page_records: usize,
    /// Records on any page.
    pub page_records_max: usize,
    /// `auditData` is a text that holds JSON, not an object.
    pub audit_data_as_text: bool,
    /// Another host that next pages are said to be at; a client must not send its token there.
    pub next_link_root: Option<url::Url>,
    /// Advanced hunting.
    pub hunting: HuntingOptions,
}

impl Default for GraphOptions {
    fn default() -> GraphOptions {
        GraphOptions {
            audit_queries: AuditQueries::Beta,
            query_life: QueryLife::Polls { running: 1, succeeded: 2 },
            failing_queries: 0,
            queries_at_once_max: 10,
            queries_per_minute: Some(60),
            page_records: 150,
            page_records_max: 999,
            audit_data_as_text: false,
            next_link_root: None,
            hunting: HuntingOptions::default(),
        }
    }
}

/// In which versions of Graph audit-log queries exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditQueries {
    /// In `beta` only.
    Beta,
    /// In `v1.0` only.
    V1,
    /// In both.
    Both,
}

/// When an audit-log query is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryLife {
    /// By how often its state was asked for: with which answer it is first `running`, and with which `succeeded`.
    Polls {
        /// First answer that says `running`.
        running: u32,
        /// First answer that says `succeeded`.
        succeeded: u32,
    },
    /// By the emulator's clock: so many seconds after it was made; it runs from the first second on.
    Seconds(i64),
}

/// What advanced hunting does.
#[derive(Debug, Clone)]
pub struct HuntingOptions {
    /// Calls a minute; `None` lifts the limit.
    pub calls_per_minute: Option<usize>,
    /// Rows of an answer; more are cut off without a word.
    pub rows_max: usize,
    /// Bytes of an answer; more are refused.
    pub result_bytes_max: usize,
    /// How far back the table reaches.
    pub reach_days: i64,
    /// Booleans are 0 and 1.
    pub booleans_as_numbers: bool,
    /// Dynamic columns, `RawEventData` among them, are texts that hold JSON.
    pub dynamic_as_text: bool,
    /// The members of the answer begin with capitals, as in one example of the documentation.
    pub capitals: bool,
}

impl Default for HuntingOptions {
    fn default() -> HuntingOptions {
        HuntingOptions {
            calls_per_minute: Some(45),
            rows_max: 100_000,
            result_bytes_max: 124 * 1_048_576,
            reach_days: 30,
            booleans_as_numbers: false,
            dynamic_as_text: false,
            capitals: false,
        }
    }
}
