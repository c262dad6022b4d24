//! `[run]`, `[function]`, `[telemetry]` and `[dashboard]` as written.

use super::*;

table! {
    /// `[run]`
    RunTable {
        /// When feeds are read that have no schedule of their own: how often (`every 5 minutes`), or a cron pattern in UTC.
        schedule: String,
        /// Address and port of `/healthz`, `/readyz` and `/metrics`.
        listen: String,
        /// How much later than its schedule a tenant may begin, so that many do not begin together.
        jitter_seconds_max: u64,
        /// How far a feed may be behind before `/readyz` fails. Left out: an hour more than its schedule's longest pause.
        lag_minutes_max: u64,
        /// Tenants that are read at the same time.
        tenants_at_once_max: u64,
        /// How long a pass over a tenant may take, two thirds of it for reading; the next pass goes on.
        pass_minutes_max: u64,
        /// How long passes may take to come to an end when the program is asked to stop.
        stop_seconds_max: u64,
        /// Pause after a feed or sink failed; doubles from failure to failure.
        retry_seconds: u64,
        /// Longest such pause.
        retry_seconds_max: u64,
    }
}

table! {
    /// `[function]`
    FunctionTable {
        /// App setting that tells of the storage account for the state: a connection string, or with an identity the settings
        /// that begin with this name and end in `__accountName` or `__blobServiceUri`.
        storage: String,
        /// Container for the state, a blob for each tenant; it is made where it is not there.
        container: String,
        /// Largest state: an instance that starts fetches it whole into its temporary folder. Collection pauses at nine tenths of it,
        /// or at `store.store_bytes_max` where that is less.
        state_bytes_max: u64,
        /// How long an invocation may work; what is left waits for the next one. Left out, a minute less than `functionTimeout`
        /// of `host.json`, or 4 minutes where that is not said.
        minutes_max: u64,
    }
}

table! {
    /// `[telemetry]`
    TelemetryTable {
        /// Address of an OpenTelemetry collector that takes OTLP over HTTP as JSON; `/v1/traces` and `/v1/logs` are added.
        /// Required. Headers that it asks for stand in the environment, as `OTEL_EXPORTER_OTLP_HEADERS`.
        endpoint: String,
        /// Whether traces are sent: a span for each pass, feed and sink.
        traces: bool,
        /// Whether log lines are sent.
        logs: bool,
        /// As which service.
        service_name: String,
    }
}

table! {
    /// `[dashboard]`
    DashboardTable {
        /// `entra`: `serve` sends browsers to Entra ID to sign in. `app_service`: it believes the header
        /// `X-MS-CLIENT-PRINCIPAL`, which only Azure App Service, Functions and Container Apps with authentication guard.
        /// Required.
        sign_in: String,
        /// Address by which browsers reach the dashboard (`entra`); the application's redirect URI is this and
        /// `/sign-in/answer`.
        base_url: String,
        /// Directory of the people. Required.
        tenant_id: String,
        /// Application that people sign in to (`entra`).
        client_id: String,
        /// Where its secret is (`entra`): `keyvault:`, `env:` or `file:`.
        client_secret: String,
        /// Object ids of people who may open it.
        users: Vec<String>,
        /// Object ids of groups whose members may; the application's tokens have to name groups.
        groups: Vec<String>,
    }
}
