//! What made a request: a person's program, a service on behalf of a person, a sync client or a bot.

use crate::ascii::{contains, ends_with, starts_with};

/// The value of the column `ClientKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientKind {
    /// A browser, an Office application, or nothing that tells otherwise.
    Person,
    /// Microsoft's own services acting for whoever opened the file: the address is theirs, the person is right.
    Service,
    /// A sync client.
    Sync,
    /// A bot that looks at links which people post.
    Bot,
}

impl ClientKind {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
            Self::Sync => "sync",
            Self::Bot => "bot",
        }
    }

    /// Tells from the user agent, without case; no user agent tells nothing and is a person's.
    pub fn of(user_agent: Option<&str>) -> Self {
        let agent = user_agent.unwrap_or_default();
        if is_service(agent) {
            Self::Service
        } else if SYNC_PARTS.iter().any(|part| contains(agent, part)) {
            Self::Sync
        } else if BOT_PARTS.iter().any(|part| contains(agent, part)) {
            Self::Bot
        } else {
            Self::Person
        }
    }
}

/// Office on the web, its converters and the document cache.
const SERVICE_STARTS: [&str; 3] = ["MSWAC", "ODMTADocCache", "OneDriveMpc-Transform_"];

/// Not a service: a person chose several files and downloaded them as one archive.
const ZIP_START: &str = "OneDriveMpc-Transform_Zip";

/// OneDrive sync clients, of Windows and macOS, and their predecessor.
const SYNC_PARTS: [&str; 4] = ["SkyDriveSync", "OneDrive Sync", "OneDriveSync", "GrooveSync"];

/// Previews of links in chats and mails, and search engines.
const BOT_PARTS: [&str; 14] = [
    "UriPreview",
    "Slackbot",
    "Slack-ImgProxy",
    "facebookexternalhit",
    "Twitterbot",
    "LinkedInBot",
    "WhatsApp/",
    "TelegramBot",
    "Discordbot",
    "Googlebot",
    "Google-PageRenderer",
    "bingbot",
    "BingPreview",
    "Applebot",
];

fn is_service(agent: &str) -> bool {
    if starts_with(agent, ZIP_START) {
        return false;
    }
    // `OfficeWordWRS/16.0`, `OfficeXLCA`, `OfficeWordCA`, …: one converter an application and kind.
    let first_word = agent.split(['/', ' ', ';']).next().unwrap_or_default();
    let is_converter =
        starts_with(first_word, "Office") && (ends_with(first_word, "WRS") || ends_with(first_word, "CA"));
    is_converter || SERVICE_STARTS.iter().any(|start| starts_with(agent, start))
}

/// Whether the address of a request tells where the person was: a service's or a bot's is that of a data centre.
pub fn tells_place(kind: ClientKind, user_agent: Option<&str>) -> bool {
    matches!(kind, ClientKind::Person | ClientKind::Sync) && !packs_zip(user_agent)
}

/// Whether the agent is the service that packs a person's multi-file download.
pub(crate) fn packs_zip(user_agent: Option<&str>) -> bool {
    starts_with(user_agent.unwrap_or_default(), ZIP_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_tells_who_asked() {
        for (agent, expected) in [
            (None, ClientKind::Person),
            (Some(""), ClientKind::Person),
            (
                Some("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"),
                ClientKind::Person,
            ),
            (Some("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.14228; Pro)"), ClientKind::Person),
            (Some("OneDriveMpc-Transform_Zip/1.0"), ClientKind::Person),
            (Some("OneDriveMpc-Transform_Thumbnail/1.0"), ClientKind::Service),
            (Some("MSWAC"), ClientKind::Service),
            (Some("mswac/16"), ClientKind::Service),
            (Some("OfficeWordWRS"), ClientKind::Service),
            (Some("OfficeXLCA"), ClientKind::Service),
            (Some("OfficeWordCA/1.0"), ClientKind::Service),
            (Some("ODMTADocCache/1.0"), ClientKind::Service),
            (Some("OfficeMobile/2.0 CA"), ClientKind::Person),
            (Some("Microsoft SkyDriveSync 22.045.0227.0004 ship; Windows NT 10.0 (19042)"), ClientKind::Sync),
            (Some("OneDrive Sync 24.1 (macOS)"), ClientKind::Sync),
            (Some("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"), ClientKind::Bot),
            (Some("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"), ClientKind::Bot),
        ] {
            assert_eq!(ClientKind::of(agent), expected, "{agent:?}");
        }
    }

    #[test]
    fn only_the_address_of_a_person_s_own_program_tells_a_place() {
        for (agent, expected) in [
            (None, true),
            (Some("Mozilla/5.0 (Windows NT 10.0)"), true),
            (Some("OneDrive Sync 24.1 (macOS)"), true),
            (Some("MSWAC"), false),
            (Some("OneDriveMpc-Transform_Zip/1.0"), false),
            (Some("Slackbot-LinkExpanding 1.0"), false),
        ] {
            assert_eq!(tells_place(ClientKind::of(agent), agent), expected, "{agent:?}");
        }
    }
}
