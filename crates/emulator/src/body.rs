//! The body of an answer: whole, made while it is sent, or one that a scripted fault damages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::Sleep;

/// See the module.
pub(crate) enum Body {
    Whole(Full<Bytes>),
    /// Parts of bounded size, each made in little time: they are asked for one after the other by the sending task.
    Parts(Box<dyn Iterator<Item = Bytes> + Send>),
    /// So much of it, and then the connection breaks.
    Cut(Cut),
    /// Byte by byte.
    Slow(Slow),
}

/// The connection is broken by a scripted fault.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken by a scripted fault")]
pub(crate) struct Broken;

impl Body {
    pub(crate) fn whole(bytes: Bytes) -> Body {
        Body::Whole(Full::new(bytes))
    }

    /// A body of which only the first `sent_bytes` arrive.
    pub(crate) fn cut(whole: &Bytes, sent_bytes: usize) -> Body {
        let sent = whole.slice(..sent_bytes.min(whole.len()));
        Body::Cut(Cut { announced_bytes: whole.len() as u64, sent: Some(sent), flushed: false })
    }

    /// A body that comes byte by byte, with a pause before each.
    pub(crate) fn slow(rest: Bytes, pause: Duration) -> Body {
        Body::Slow(Slow { rest, pause, until: None })
    }

    /// All of it. A body that is damaged already is taken as empty.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self {
            Body::Whole(mut whole) => {
                // A whole body has its one frame at once.
                let frame = Pin::new(&mut whole).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
                match frame {
                    Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                    _ => Bytes::new(),
                }
            }
            Body::Parts(parts) => {
                let mut all = BytesMut::new();
                parts.for_each(|part| all.extend_from_slice(&part));
                all.freeze()
            }
            Body::Cut(_) | Body::Slow(_) => Bytes::new(),
        }
    }
}

/// See [`Body::cut`].
pub(crate) struct Cut {
    announced_bytes: u64,
    sent: Option<Bytes>,
    /// What was given to the connection has been sent: it writes while a body has nothing to give.
    flushed: bool,
}

impl Cut {
    fn poll(&mut self, context: &Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(sent) = self.sent.take().filter(|sent| !sent.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(sent))));
        }
        if std::mem::replace(&mut self.flushed, true) {
            return Poll::Ready(Some(Err(Broken)));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// See [`Body::slow`].
pub(crate) struct Slow {
    rest: Bytes,
    pause: Duration,
    until: Option<Pin<Box<Sleep>>>,
}

impl Slow {
    #[expect(clippy::disallowed_methods, reason = "to be slow is what this is for")]
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let pause = self.pause;
        let until = self.until.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        if until.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.until = None;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(1)))))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Body::Whole(_) => "Whole(…)",
            Body::Parts(_) => "Parts(…)",
            Body::Cut(_) => "Cut(…)",
            Body::Slow(_) => "Slow(…)",
        })
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            Body::Whole(whole) => Pin::new(whole).poll_frame(context).map_err(|never| match never {}),
            Body::Parts(parts) => Poll::Ready(parts.next().map(|part| Ok(Frame::data(part)))),
            Body::Cut(cut) => cut.poll(context),
            Body::Slow(slow) => slow.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(whole) => whole.is_end_stream(),
            Body::Parts(_) | Body::Cut(_) => false,
            Body::Slow(slow) => slow.rest.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(whole) => whole.size_hint(),
            Body::Parts(_) => SizeHint::default(),
            Body::Cut(cut) => SizeHint::with_exact(cut.announced_bytes),
            Body::Slow(slow) => SizeHint::with_exact(slow.rest.len() as u64),
        }
    }
}
