//! A connection whose other side has to take what is written to it: whoever reads too slowly is cut. It must not know
//! what is written.

use std::{
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// Bytes that make good for a second of waiting.
const BYTES_PER_SECOND: usize = 32 * 1024;
/// After so long without waiting, nothing is held against a reader.
const CALM: Duration = Duration::from_mins(1);

/// A connection with a limit on the time for which writing to it may wait.
pub struct Timed<S> {
    stream: S,
    patience: Patience,
}

impl<S> Timed<S> {
    /// Cuts the connection once writing has waited for so long, and the bytes taken do not make good for it.
    pub fn new(stream: S, wait: Duration) -> Self {
        Self { stream, patience: Patience { wait, debt: Duration::ZERO, waiting: None, waited: None } }
    }
}

struct Patience {
    wait: Duration,
    /// Time waited that no bytes have made good for.
    debt: Duration,
    waiting: Option<Waiting>,
    /// When it last ended.
    waited: Option<Instant>,
}

struct Waiting {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl Patience {
    /// Looks at how a write went.
    fn judge(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => self.progress(count),
            Poll::Pending if self.is_over(context) => {
                return Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the answer is not read")));
            }
            _ => {}
        }
        written
    }

    fn progress(&mut self, count: usize) {
        let Some(waiting) = self.waiting.take() else { return };
        let now = Instant::now();
        let earned = Duration::from_millis((count * 1000 / BYTES_PER_SECOND) as u64);
        self.debt = (self.debt + (now - waiting.since)).saturating_sub(earned);
        self.waited = Some(now);
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let waiting = self.waiting.get_or_insert_with(|| {
            let since = Instant::now();
            if self.waited.is_some_and(|waited| since - waited > CALM) {
                self.debt = Duration::ZERO;
            }
            let end = tokio::time::sleep_until(since + self.wait.saturating_sub(self.debt));
            Waiting { since, end: Box::pin(end) }
        });
        waiting.end.as_mut().poll(context).is_ready()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.patience.judge(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.patience.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    /// Writes to a reader that takes `bytes` every second; the seconds until it was cut, or none.
    async fn cut_after(bytes: usize, total: usize) -> Option<u64> {
        let (near, mut far) = duplex(64 * 1024);
        let reader = tokio::spawn(async move {
            let mut buffer = vec![0; bytes];
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if bytes > 0 && far.read_exact(&mut buffer).await.is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let written = Timed::new(near, WAIT).write_all(&vec![0; total]).await;
        reader.abort();
        written.err().map(|error| {
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            started.elapsed().as_secs()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_nothing_or_little_is_cut() {
        assert_eq!(cut_after(0, 1_000_000).await, Some(10));
        assert!((10..=12).contains(&cut_after(1_000, 1_000_000).await.unwrap()));
        assert!((20..=30).contains(&cut_after(20_000, 5_000_000).await.unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_is_not_cut() {
        assert_eq!(cut_after(40_000, 5_000_000).await, None);
        assert_eq!(cut_after(0, 60_000).await, None);
    }
}
