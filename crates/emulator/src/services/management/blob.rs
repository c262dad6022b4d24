//! A blob: some records that became available together.

use crate::clock;
use crate::ids;
use crate::options::ContentType;

/// One blob; what is in it is in the stock.
#[derive(Debug)]
pub(crate) struct Blob {
    /// Its place in the stock.
    pub(crate) serial: u32,
    pub(crate) content_type: ContentType,
    /// `contentCreated`
    pub(crate) created_ms: i64,
    /// `contentExpiration`
    pub(crate) expires_ms: i64,
    pub(crate) fate: Fate,
    pub(crate) content: Content,
}

/// What happens to those who fetch a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They get it.
    Served,
    /// They get it after some failures.
    FailsFirst,
    /// It has expired when it is listed.
    Expired,
    /// It is listed and does not exist.
    Lost,
}

/// What is in a blob.
#[derive(Debug)]
pub(crate) enum Content {
    Pieces(Vec<Piece>),
    /// Generated records with the numbers `first..first + count`.
    Generated {
        first: u64,
        count: u64,
    },
}

/// One record in a blob.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Its place among the stock's records.
    pub(crate) record: u32,
    /// Written with its members in another order.
    pub(crate) reordered: bool,
}

impl Blob {
    /// `contentId`, in the form that newer blobs have: `20261124030000123000000007$…$audit_sharepoint$…$emea0007`.
    pub(crate) fn id(&self) -> String {
        let digits: String = clock::text(self.created_ms).chars().filter(char::is_ascii_digit).collect();
        let name = self.content_type.to_string().replace('.', "_");
        let serial = self.serial;
        let tag = ids::hex32(&name, &serial.to_string());
        format!("{digits}{serial:09}${tag}${}${name}$emea{serial:04}", name.to_lowercase())
    }

    /// The serial that an id claims; whether the rest is true is for the blob to say.
    pub(crate) fn serial_of(id: &str) -> Option<u32> {
        let (_, region) = id.rsplit_once('$')?;
        region.trim_start_matches(|character: char| character.is_ascii_alphabetic()).parse().ok()
    }

    /// How many records it holds, repeated ones counted again.
    pub(crate) fn records(&self) -> u64 {
        match &self.content {
            Content::Pieces(pieces) => pieces.len() as u64,
            Content::Generated { count, .. } => *count,
        }
    }

    /// Whether anybody can ever have it.
    pub(crate) fn is_served(&self) -> bool {
        matches!(self.fate, Fate::Served | Fate::FailsFirst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_blob() {
        let blob = Blob {
            serial: 12_345,
            content_type: ContentType::SharePoint,
            created_ms: 1_795_489_200_123,
            expires_ms: 0,
            fate: Fate::Served,
            content: Content::Pieces(Vec::new()),
        };
        let id = blob.id();
        assert!(
            id.starts_with("20261124030000123000012345$")
                && id.ends_with("$audit_sharepoint$Audit_SharePoint$emea12345")
        );
        assert_eq!(Blob::serial_of(&id), Some(12_345));
        assert_eq!(Blob::serial_of("nothing of the kind"), None);
    }
}
