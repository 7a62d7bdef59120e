//! One request and its answer over HTTP/1.1, for calls that come in thousands: the request leaves in one piece, the
//! body is read to where it stays. Time is the caller's to limit. It must not know what is asked.

use std::{
    io::{self, ErrorKind},
    str::FromStr,
};

use bytes::BufMut;
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Room for an answer while nothing has come: enough for a head, and for the whole of a short one.
const HEAD_ROOM: usize = 4 * 1024;
/// Room for what does not go straight to where it stays.
const ROOM: usize = 16 * 1024;
/// Longest head, and longest line between chunks.
const LONGEST_HEAD: usize = 64 * 1024;
const LONGEST_LINE: usize = 8 * 1024;
const MOST_HEADERS: usize = 100;

/// The beginning of an answer.
#[derive(Debug)]
pub struct Head {
    pub status: StatusCode,
    /// Whether the body is packed with gzip.
    pub is_packed: bool,
    /// Seconds that the other side asks to be left alone.
    pub retry_after: Option<u64>,
    /// RFC 9112, section 6.3.
    length: Length,
    /// Whether the connection may serve another request after the body.
    stays: bool,
}

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

/// Takes the body in as it comes.
pub trait Sink {
    /// Why it takes no more.
    type Refusal: From<io::Error>;

    /// Takes bytes.
    ///
    /// # Errors
    /// They are too many, or not what they should be.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Self::Refusal>;

    /// Where bytes of a body of known length may be read to, if they are kept as they come.
    fn room(&mut self) -> Option<&mut Vec<u8>>;
}

/// An answer that is being read.
pub struct Answer<'a, Stream> {
    stream: &'a mut Stream,
    /// What was read and not used yet.
    buffer: Vec<u8>,
    at: usize,
}

/// Sends a request, and reads the beginning of the answer.
///
/// # Errors
/// The connection broke, or what came is no HTTP/1.1.
pub async fn ask<'a, Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: &'a mut Stream,
    request: &[u8],
) -> io::Result<(Head, Answer<'a, Stream>)> {
    stream.write_all(request).await?;
    stream.flush().await?;
    let mut answer = Answer { stream, buffer: Vec::with_capacity(HEAD_ROOM), at: 0 };
    loop {
        let head = answer.head().await?;
        // What comes before the answer, such as 103.
        if !head.status.is_informational() {
            return Ok((head, answer));
        }
    }
}

impl<Stream: AsyncRead + Unpin> Answer<'_, Stream> {
    async fn head(&mut self) -> io::Result<Head> {
        loop {
            if let Some((head, len)) = parse(&self.buffer[self.at..])? {
                self.at += len;
                return Ok(head);
            }
            if self.buffer.len() - self.at >= LONGEST_HEAD {
                return Err(malformed("the head is too long"));
            }
            self.more().await?;
        }
    }

    /// Reads the whole body; answers whether the connection may serve another request.
    ///
    /// # Errors
    /// The connection broke, or the sink took no more.
    pub async fn body<S: Sink>(mut self, head: &Head, sink: &mut S) -> Result<bool, S::Refusal> {
        if head.is_packed || head.length().is_none() {
            self.buffer.reserve(ROOM);
        }
        match head.length {
            Length::Known(length) => self.known(length, sink).await?,
            Length::Chunked => self.chunks(sink).await?,
            Length::UntilClosed => loop {
                sink.take(&self.buffer[self.at..])?;
                self.at = self.buffer.len();
                if self.read().await? == 0 {
                    return Ok(false);
                }
            },
        }
        // What nobody asked for must not be taken for the next answer.
        Ok(head.stays && self.at == self.buffer.len())
    }

    async fn known<S: Sink>(&mut self, length: usize, sink: &mut S) -> Result<(), S::Refusal> {
        let here = length.min(self.buffer.len() - self.at);
        sink.take(&self.buffer[self.at..self.at + here])?;
        self.at += here;
        let mut left = length - here;
        while left > 0 {
            let Some(room) = sink.room() else {
                self.more().await?;
                let here = left.min(self.buffer.len() - self.at);
                sink.take(&self.buffer[self.at..self.at + here])?;
                self.at += here;
                left -= here;
                continue;
            };
            if room.len() == room.capacity() {
                room.reserve(left.min(room.len().max(ROOM)));
            }
            match self.stream.read_buf(&mut room.limit(left)).await? {
                0 => return Err(closed().into()),
                read => left -= read,
            }
        }
        Ok(())
    }

    async fn chunks<S: Sink>(&mut self, sink: &mut S) -> Result<(), S::Refusal> {
        loop {
            let line = self.line().await?;
            let Ok(httparse::Status::Complete((_, size))) = httparse::parse_chunk_size(&self.buffer[line.0..line.1])
            else {
                return Err(malformed("a chunk has no size").into());
            };
            if size == 0 {
                break;
            }
            let mut left = usize::try_from(size).map_err(|_| malformed("a chunk is too long"))?;
            while left > 0 {
                if self.at == self.buffer.len() {
                    self.more().await?;
                }
                let here = left.min(self.buffer.len() - self.at);
                sink.take(&self.buffer[self.at..self.at + here])?;
                self.at += here;
                left -= here;
            }
            let end = self.line().await?;
            if end.1 - end.0 != 2 {
                return Err(malformed("a chunk does not end").into());
            }
        }
        // Trailers tell nothing that is wanted here.
        for _ in 0..MOST_HEADERS {
            let line = self.line().await?;
            if line.1 - line.0 == 2 {
                return Ok(());
            }
        }
        Err(malformed("there are too many trailers").into())
    }

    /// Goes past a line, and gives where it lies in the buffer, with its end.
    async fn line(&mut self) -> io::Result<(usize, usize)> {
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = (self.at, self.at + end + 1);
                self.at = line.1;
                return Ok(line);
            }
            if rest.len() > LONGEST_LINE {
                return Err(malformed("a line is too long"));
            }
            self.more().await?;
        }
    }

    /// Reads on; the end of the connection is an error.
    async fn more(&mut self) -> io::Result<()> {
        if self.read().await? == 0 { Err(closed()) } else { Ok(()) }
    }

    async fn read(&mut self) -> io::Result<usize> {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        } else if self.buffer.len() == self.buffer.capacity() {
            self.buffer.drain(..self.at);
            self.at = 0;
            self.buffer.reserve(ROOM);
        }
        self.stream.read_buf(&mut self.buffer).await
    }
}

/// The head, and its length; none if it is not all there.
fn parse(bytes: &[u8]) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let len = match response.parse(bytes).map_err(|_| malformed("the head is no HTTP"))? {
        httparse::Status::Complete(len) => len,
        httparse::Status::Partial => return Ok(None),
    };
    let status =
        StatusCode::from_u16(response.code.unwrap_or_default()).map_err(|_| malformed("there is no status"))?;
    let mut head = Head { status, is_packed: false, retry_after: None, length: Length::UntilClosed, stays: false };
    let (mut is_chunked, mut length, mut stays) = (false, None, response.version == Some(1));
    for header in response.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            let other = digits(header.value).ok_or_else(|| malformed("the length is no number"))?;
            if length.replace(other).is_some_and(|known| known != other) {
                return Err(malformed("there are two lengths"));
            }
        } else if is("transfer-encoding") {
            if is_chunked || !header.value.eq_ignore_ascii_case(b"chunked") {
                return Err(malformed("the body has another encoding"));
            }
            is_chunked = true;
        } else if is("connection") {
            stays = (stays || has_word(header.value, b"keep-alive")) && !has_word(header.value, b"close");
        } else if is("content-encoding") {
            head.is_packed = header.value.eq_ignore_ascii_case(b"gzip");
        } else if is("retry-after") {
            head.retry_after = digits(header.value);
        }
    }
    head.length = match (is_chunked, length) {
        _ if status.is_informational() || matches!(status.as_u16(), 204 | 304) => Length::Known(0),
        (true, Some(_)) => return Err(malformed("the length is told twice")),
        (true, None) => Length::Chunked,
        (false, Some(length)) => Length::Known(length),
        (false, None) => Length::UntilClosed,
    };
    head.stays = stays && head.length != Length::UntilClosed;
    Ok(Some((head, len)))
}

fn digits<Number: FromStr>(value: &[u8]) -> Option<Number> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()
}

fn has_word(value: &[u8], word: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(word))
}

impl Head {
    /// The length of the body, if it is told.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        if let Length::Known(length) = self.length { Some(length) } else { None }
    }
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

fn closed() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the connection ended")
}

#[cfg(test)]
#[path = "tests/http1.rs"]
mod tests;
