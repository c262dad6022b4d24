//! Lists of blobs, page by page, and the blobs themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use crate::call::{Call, Reply, json, json_parts, with_header};
use crate::clock;
use crate::options::NextPageHeader;
use crate::services::management::blob::{Blob, Fate};
use crate::services::management::errors::ManagementError;
use crate::services::management::subscriptions::content_type;
use crate::services::management::window::{self, Window};
use crate::world::{World, locked};

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// (`created_ms`, serial) of its first blob, or what lies before it.
    blob: (i64, u32),
    /// A page without blobs comes first.
    empty: bool,
}

/// `GET …/subscriptions/content`
pub(crate) fn list(world: &World, call: &Call) -> Result<Reply, ManagementError> {
    let service = &world.management;
    let (options, now_ms) = (&service.options, world.clock.now_ms());
    let content_type = content_type(call)?;
    let lost = locked(&service.subscriptions).readable(content_type)?;
    let window = Window::read(call, options.wide_windows, now_ms)?;
    let place = match call.parameter("nextPage") {
        None => Place { blob: (window.start_ms, 0), empty: options.quirks.empty_pages },
        Some(token) => Place::read(token).ok_or_else(|| ManagementError::BadNextPage(token.to_owned()))?,
    };
    if place.empty {
        let next = Place { empty: false, ..place };
        return Ok(page(world, call, window, &[], Some(next)));
    }
    let stock = service.stock();
    let is_lost = |blob: &Blob| lost.iter().any(|(from_ms, to_ms)| (*from_ms..*to_ms).contains(&blob.created_ms));
    // What will be created later is not there yet.
    let mut blobs = stock
        .created(place.blob.max((window.start_ms, 0)), window.end_ms.min(now_ms + 1))
        .filter(|blob| blob.content_type == content_type && !is_lost(blob));
    let listed: Vec<&Blob> = blobs.by_ref().take(options.page_blobs_max).collect();
    let next =
        blobs.next().map(|blob| Place { blob: (blob.created_ms, blob.serial), empty: options.quirks.empty_pages });
    locked(&service.ledger).listed(&listed);
    let descriptions: Vec<Value> = listed.iter().map(|blob| described(world, blob)).collect();
    Ok(page(world, call, window, &descriptions, next))
}

/// `GET …/audit/{id}`
pub(crate) fn fetch(world: &World, id: &str) -> Result<Reply, ManagementError> {
    let service = &world.management;
    let id = percent_decode_str(id).decode_utf8_lossy().into_owned();
    if Blob::serial_of(&id).is_none() {
        return Err(ManagementError::BadBlobId(id));
    }
    let stock = service.stock();
    let Some(blob) = stock.find(&id).filter(|blob| blob.fate != Fate::Lost) else {
        return Err(ManagementError::NoSuchBlob(id));
    };
    let mut ledger = locked(&service.ledger);
    if blob.expires_ms <= world.clock.now_ms() {
        return Err(ManagementError::BlobExpired(id));
    }
    if blob.fate == Fate::FailsFirst && !ledger.has_failed_enough(blob, service.options.quirks.failures_per_blob) {
        return Err(ManagementError::Internal);
    }
    ledger.served(blob);
    Ok(json_parts(StatusCode::OK, stock.text(blob)))
}

fn described(world: &World, blob: &Blob) -> Value {
    let options = &world.management.options;
    let id = blob.id();
    let path = format!("api/v1.0/{}/activity/feed/audit/{id}", world.endpoints.tenant_id);
    let uri = address(options.content_root.as_ref().unwrap_or(&world.endpoints.https), &path);
    let query = if options.quirks.query_in_content_uri { "?source=feed" } else { "" };
    json!({
        "contentType": blob.content_type, "contentId": id, "contentUri": format!("{uri}{query}"),
        "contentCreated": clock::text(blob.created_ms), "contentExpiration": clock::text(blob.expires_ms),
    })
}

/// A page; the address of the next one has the window in it even if the call had none, and `v1` as its version.
fn page(world: &World, call: &Call, window: Window, blobs: &[Value], next: Option<Place>) -> Reply {
    let reply = json(StatusCode::OK, &Value::Array(blobs.to_vec()));
    let Some(next) = next else { return reply };
    let options = &world.management.options;
    let path = format!("api/v1/{}/activity/feed/subscriptions/content", world.endpoints.tenant_id);
    let root = options.next_page_root.as_ref().unwrap_or(&world.endpoints.https);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("contentType", call.parameter("contentType").unwrap_or_default())
        .append_pair("startTime", &window::text(window.start_ms))
        .append_pair("endTime", &window::text(window.end_ms))
        .append_pair("nextPage", &next.token())
        .finish();
    let name = match options.next_page_header {
        NextPageHeader::Uri => "nextpageuri",
        NextPageHeader::Url => "nextpageurl",
    };
    with_header(reply, name, &format!("{}?{query}", address(root, &path)))
}

fn address(root: &Url, path: &str) -> String {
    format!("{}/{path}", root.as_str().trim_end_matches('/'))
}

impl Place {
    fn token(self) -> String {
        let (created_ms, serial) = self.blob;
        URL_SAFE_NO_PAD.encode(format!("{created_ms}.{serial}.{}", u8::from(self.empty)))
    }

    fn read(token: &str) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mut parts = std::str::from_utf8(&bytes).ok()?.split('.');
        let (created_ms, serial, empty) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Place { blob: (created_ms.parse().ok()?, serial.parse().ok()?), empty: empty == "1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place_and_anything_else_to_none() {
        let place = Place { blob: (1_795_489_200_123, 77), empty: true };
        assert_eq!(Place::read(&place.token()), Some(place));
        for wrong in ["", "!", "abc", "2026"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
    }
}
