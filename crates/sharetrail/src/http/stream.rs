//! An answer whose body is still to come: read in pieces, so that it needs no more memory than one of them.

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;

use super::{Answer, Failure, connection};
use jiff::Timestamp;

/// What is set aside for a body on the announcement of its size alone.
const READ_BYTES_AHEAD_MAX: usize = 1024 * 1024;

/// Status and headers of an answer, and its body piece by piece.
#[derive(Debug)]
pub struct Stream {
    pub(super) host: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) response: reqwest::Response,
    pub(super) arrived: Timestamp,
}

impl Stream {
    /// Whether the status says yes.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The next bytes; `None` at the end of the body.
    ///
    /// # Errors
    /// `Retry` when the connection breaks in the middle.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        self.response.chunk().await.map_err(|error| connection::explain(&error, &self.host))
    }

    /// The whole answer, if it has no more bytes than this.
    ///
    /// # Errors
    /// As [`next`](Self::next), and `Stop` when it is larger.
    pub async fn whole(mut self, bytes_max: u64) -> Result<Answer, Failure> {
        let announced = self.response.content_length().unwrap_or(0);
        let mut body = BytesMut::new();
        if announced <= bytes_max {
            body.reserve(usize::try_from(announced).unwrap_or(0).min(READ_BYTES_AHEAD_MAX));
            while let Some(chunk) = self.next().await? {
                body.extend_from_slice(&chunk);
                if body.len() as u64 > bytes_max {
                    break;
                }
            }
        }
        let Self { host, status, headers, arrived, .. } = self;
        if announced.max(body.len() as u64) > bytes_max {
            return Err(Failure::stop(format!(
                "the answer of {host} is larger than {bytes_max} bytes and was not read to its end; ask for less at once, \
                 or raise http.response_bytes_max"
            )));
        }
        Ok(Answer { host, status, headers, body: body.freeze(), arrived })
    }
}
