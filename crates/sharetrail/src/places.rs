//! Country and city of addresses, from a file in MaxMind's format that the user supplies (GeoLite2 City, DB-IP City Lite and
//! others; MaxMind DB File Format Specification). Nothing is asked of the network.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{LookupResult, MaxMindDbError, Reader, path};

/// A larger file is none of countries and cities; it is read into memory as a whole.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The file of places cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the places of addresses cannot be read from {}: {source}; places.file wants a database of countries and cities in \
     MaxMind's format (.mmdb), unpacked", path.display()
)]
pub struct PlacesUnreadable {
    path: PathBuf,
    source: MaxMindDbError,
}

/// The file, in memory.
pub struct Places(Reader<Vec<u8>>);

/// Where an address is, as far as the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Two letters (ISO 3166-1).
    pub country: Option<String>,
    /// English name.
    pub city: Option<String>,
}

impl Places {
    /// Reads the file.
    ///
    /// # Errors
    /// It is not there, too large, or in another format.
    pub fn open(path: &Path) -> Result<Self, PlacesUnreadable> {
        let failed = |source| PlacesUnreadable { path: path.to_owned(), source };
        let bytes = std::fs::metadata(path).map_err(|error| failed(error.into()))?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(failed(io::Error::other("it is larger than 512 MiB").into()));
        }
        Reader::open_readfile(path).map(Self).map_err(failed)
    }

    /// Where `address` is; `None` when it is no address or the file does not know it.
    pub fn of(&self, address: &str) -> Option<Place> {
        let address: IpAddr = address.parse().ok()?;
        // A file of IPv4 addresses only answers others with an error: it does not know them.
        let found = self.0.lookup(address).ok()?;
        if !found.has_data() {
            return None;
        }
        // Some makers write names where others write tables of names.
        let country = text(&found, &path!["country", "iso_code"])
            .or_else(|| text(&found, &path!["country_code"]))
            .or_else(|| text(&found, &path!["country"]));
        let city = text(&found, &path!["city", "names", "en"]).or_else(|| text(&found, &path!["city"]));
        (country.is_some() || city.is_some()).then_some(Place { country, city })
    }
}

/// A text in the found record; `None` also where something else stands there.
fn text(found: &LookupResult<'_, Vec<u8>>, path: &[maxminddb::PathElement<'_>]) -> Option<String> {
    found.decode_path::<String>(path).ok().flatten().filter(|text| !text.is_empty())
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Places").field(&self.0.metadata().database_type).finish()
    }
}
