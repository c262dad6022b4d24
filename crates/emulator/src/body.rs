//! The body of an answer: whole, or made while it is sent.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};

/// See the module.
pub(crate) enum Body {
    Whole(Full<Bytes>),
    /// Parts of bounded size, each made in little time: they are asked for one after the other by the sending task.
    Parts(Box<dyn Iterator<Item = Bytes> + Send>),
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Body::Whole(_) => "Whole(…)",
            Body::Parts(_) => "Parts(…)",
        })
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Body::Whole(whole) => Pin::new(whole).poll_frame(context),
            Body::Parts(parts) => Poll::Ready(parts.next().map(|part| Ok(Frame::data(part)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(whole) => whole.is_end_stream(),
            Body::Parts(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(whole) => whole.size_hint(),
            Body::Parts(_) => SizeHint::default(),
        }
    }
}
