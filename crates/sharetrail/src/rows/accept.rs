//! The share report of the PowerShell script that this program replaces: `MCAS_CL`, exactly fifteen columns.

use super::row;

row! {
    /// One accepted sharing invitation.
    pub struct Accept {
        /// Defender's ready-made text.
        Description => description: Option<String>;
        /// Defender's event category, else the audit operation.
        Operation => operation: Option<String>;
        /// Defender's severity.
        Severity => severity: Option<String>;
        /// Who accepted, as Defender names the user.
        Collaborator => collaborator: Option<String>;
        /// When Defender stored it (else when it happened), `YYYY-MM-DDThh:mm:ssZ`.
        CreatedDateTime => created_date_time: Option<String>;
        /// `UserId` of the audit record.
        UserId => user_id: Option<String>;
        /// Display name of the resolved actor.
        ResolvedUser => resolved_user: Option<String>;
        /// `UserKey` of the audit record.
        UserKey => user_key: Option<String>;
        /// `SiteUrl` of the audit record.
        SiteUrl => site_url: Option<String>;
        /// `SourceFileName` of the audit record.
        SourceFileName => source_file_name: Option<String>;
        /// `SourceRelativeUrl` of the audit record.
        SourceRelativeUrl => source_relative_url: Option<String>;
        /// Defender's `description_metadata.target_object`.
        FileUrl => file_url: Option<String>;
        /// `ObjectId` of the audit record.
        ObjectId => object_id: Option<String>;
        /// Defender's `location`, as compact JSON text.
        AccessLocation => access_location: Option<String>;
        /// Defender's `appName`.
        AppName => app_name: Option<String>;
    }
}
