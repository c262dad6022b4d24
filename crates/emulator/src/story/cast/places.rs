//! From where people connect, and with what.

use std::rc::Rc;

use crate::story::dice::Dice;

/// A town with its network, as an address database would describe the client's address.
#[derive(Debug)]
pub(crate) struct Place {
    /// ISO 3166-1 code of the country.
    pub(crate) country: &'static str,
    /// Town.
    pub(crate) city: &'static str,
    /// Region.
    pub(crate) region: &'static str,
    /// Latitude and longitude in degrees, as JSON numbers.
    pub(crate) position: (&'static str, &'static str),
    /// The network's owner; percent-encoded for one, as some real answers are.
    pub(crate) organization: &'static str,
}

const fn place(
    country: &'static str,
    city: &'static str,
    region: &'static str,
    position: (&'static str, &'static str),
    organization: &'static str,
) -> Place {
    Place { country, city, region, position, organization }
}

/// Where the tenant's own people sit.
pub(crate) static HOME: Place = place("DE", "Hamburg", "Hamburg", ("53.5511", "9.9937"), "Contoso Network");
/// Where Microsoft's services connect from.
pub(crate) static MICROSOFT: Place =
    place("NL", "amsterdam", "Noord-Holland", ("52.3740", "4.8897"), "microsoft%2C inc");
/// Where outsiders sit.
pub(crate) static ABROAD: [Place; 12] = [
    place("GB", "London", "England", ("51.5074", "-0.1278"), "Example Broadband"),
    place("FR", "Lyon", "Auvergne-Rhone-Alpes", ("45.7640", "4.8357"), "Exemple Telecom"),
    place("US", "Seattle", "Washington", ("47.6062", "-122.3321"), "Example Cable"),
    place("IN", "Pune", "Maharashtra", ("18.5204", "73.8567"), "Example Fibre"),
    place("CH", "Luzern", "Luzern", ("47.0502", "8.3093"), "Beispiel Netz"),
    place("JP", "Osaka", "Osaka", ("34.6937", "135.5023"), "Example Hikari"),
    place("BR", "Recife", "Pernambuco", ("-8.0476", "-34.8770"), "Exemplo Redes"),
    place("PL", "Gdansk", "Pomorskie", ("54.3520", "18.6466"), "Przyklad Net"),
    place("IL", "Tel Aviv", "Tel Aviv", ("32.0853", "34.7818"), "Example Mobile"),
    place("SE", "Malmo", "Skane", ("55.6050", "13.0038"), "Exempel Bredband"),
    place("CA", "Toronto", "Ontario", ("43.6532", "-79.3832"), "Example Wireless"),
    place("DE", "Dresden", "Sachsen", ("51.0504", "13.7373"), "Beispiel Netz"),
];

/// One device or service that talks to the tenant.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// `ClientIP` as the record writes it, perhaps with a port.
    pub(crate) ip: Rc<str>,
    /// `UserAgent`.
    pub(crate) agent: &'static str,
    /// Where it is.
    pub(crate) place: &'static Place,
    /// Whether the device is managed by the tenant; `None` when the record does not say.
    pub(crate) managed: Option<bool>,
}

impl Client {
    /// The address without port and brackets.
    pub(crate) fn address(&self) -> &str {
        match self.ip.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None if self.ip.matches(':').count() == 1 => self.ip.split(':').next().unwrap_or(&self.ip),
            None => &self.ip,
        }
    }

    /// The same device with another user agent.
    pub(crate) fn with_agent(&self, agent: &'static str) -> Rc<Self> {
        Rc::new(Self { agent, ..self.clone() })
    }

    /// The same device, its address written in another way.
    pub(crate) fn with_ip(&self, ip: &str) -> Rc<Self> {
        Rc::new(Self { ip: Rc::from(ip), ..self.clone() })
    }
}

/// Browsers of people.
pub(crate) const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
];
/// The sync client.
pub(crate) const SYNC_CLIENT: &str = "Microsoft SkyDriveSync 25.105.0601.0002 ship; Windows NT 10.0 (26100)";
/// Office on the web, which fetches and saves a document for the person who has it open in the browser.
pub(crate) const OFFICE_ON_THE_WEB: &str = "MSWAC";
/// Word's rendering service behind Office on the web.
pub(crate) const WORD_SERVICE: &str = "OfficeWordWRS";
/// Makes thumbnails.
pub(crate) const THUMBNAILS: &str = "OneDriveMpc-Transform_Thumbnail/1.0";
/// Packs a person's multi-file download.
pub(crate) const ZIP: &str = "OneDriveMpc-Transform_Zip/1.0";
/// Fetches a link that somebody pasted into a chat.
pub(crate) const UNFURLING_BOT: &str = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)";

/// Some person's browser.
pub(crate) fn browser(dice: &mut Dice) -> &'static str {
    dice.pick::<&'static str>(&BROWSERS)
}
