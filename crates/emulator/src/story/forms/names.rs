//! Names of numbers (Microsoft: Office 365 Management Activity API schema, AuditLogRecordType and UserType).

/// Record types that records of the story have, and those that clients ask for beside them.
const RECORD_TYPES: [(i64, &str); 24] = [
    (4, "SharePoint"),
    (6, "SharePointFileOperation"),
    (7, "OneDrive"),
    (11, "ComplianceDLPSharePoint"),
    (14, "SharePointSharingOperation"),
    (25, "MicrosoftTeams"),
    (33, "ComplianceDLPSharePointClassification"),
    (36, "SharePointListOperation"),
    (37, "SharePointCommentOperation"),
    (40, "SecurityComplianceAlerts"),
    (54, "SharePointListItemOperation"),
    (55, "SharePointContentTypeOperation"),
    (56, "SharePointFieldOperation"),
    (71, "MipAutoLabelSharePointItem"),
    (72, "MipAutoLabelSharePointPolicyLocation"),
    (82, "SensitivityLabelPolicyMatch"),
    (83, "SensitivityLabelAction"),
    (84, "SensitivityLabeledFileAction"),
    (93, "AipDiscover"),
    (94, "AipSensitivityLabelAction"),
    (98, "McasAlerts"),
    (206, "MicrosoftTeamsSensitivityLabelAction"),
    (261, "CopilotInteraction"),
    (336, "SharePointContentSecurityPolicy"),
];

const USER_TYPES: [&str; 11] = [
    "Regular",
    "Reserved",
    "Admin",
    "DcAdmin",
    "System",
    "Application",
    "ServicePrincipal",
    "CustomPolicy",
    "SystemPolicy",
    "PartnerTechnician",
    "Guest",
];

/// The name of a record type; a number without one stays a number, as it does with the services.
pub(crate) fn record_type(number: i64) -> String {
    let found = RECORD_TYPES.iter().find(|(one, _)| *one == number);
    found.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

/// The number of a record type, by its name in whatever case.
pub(crate) fn record_type_number(name: &str) -> Option<i64> {
    RECORD_TYPES.iter().find(|(_, one)| one.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
}

/// The name of a user type.
pub(crate) fn user_type(number: i64) -> String {
    let found = usize::try_from(number).ok().and_then(|place| USER_TYPES.get(place));
    found.map_or_else(|| number.to_string(), |name| (*name).to_owned())
}
