//! What happens to an answer on its way.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::body::Body;
use crate::call::{Reply, with_header};
use crate::faults::Damage;
use crate::faults::reply::http_date;

/// Bytes of a gzip member behind the compressed data: checksum and length (RFC 1952, 2.3.1).
const GZIP_TRAILER_BYTES: usize = 8;

/// The answer as it arrives; `None` when nothing of it does.
pub(crate) fn damaged(reply: Reply, damage: Damage, now_ms: i64) -> Option<Reply> {
    if let Damage::Skew { seconds } = damage {
        let date = http_date(now_ms, i64::from(seconds));
        return Some(with_header(reply, "date", &date));
    }
    let (head, body) = reply.into_parts();
    let whole = body.into_bytes();
    if whole.is_empty() {
        return None;
    }
    let with_body = |body| Some(Reply::from_parts(head.clone(), body));
    match damage {
        Damage::AfterHead => with_body(Body::cut(&whole, 0)),
        Damage::MidBody => with_body(Body::cut(&whole, whole.len() / 2)),
        Damage::Slow { pause_ms } => with_body(Body::slow(whole, Duration::from_millis(pause_ms.into()))),
        Damage::TruncatedGzip => {
            let compressed = gzip(&whole)?;
            let kept = compressed.len().saturating_sub(GZIP_TRAILER_BYTES + 4);
            with_body(Body::whole(compressed.slice(..kept))).map(named_gzip)
        }
        Damage::CorruptGzip => {
            let mut compressed = gzip(&whole)?.to_vec();
            // Behind the header and before the trailer: the checksum cannot be right then, whatever it decodes to.
            let middle = compressed.len() / 2;
            for byte in compressed.iter_mut().skip(middle).take(4) {
                *byte ^= 0x5a;
            }
            with_body(Body::whole(compressed.into())).map(named_gzip)
        }
        Damage::Skew { .. } => None,
    }
}

fn named_gzip(reply: Reply) -> Reply {
    with_header(reply, "content-encoding", "gzip")
}

/// Writing into memory cannot fail; if it does all the same, nothing is sent.
fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}
