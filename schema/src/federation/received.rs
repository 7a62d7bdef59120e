//! The body of an answer as it comes: counted, unpacked, and kept up to a limit. It must not know connections.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use super::{
    ask::malformed,
    http1::Sink,
    question::{Fault, Status},
};

/// Room for an answer before any of it has come, in bytes.
const MOST_ROOM: usize = 256 * 1024;

/// What has come of an answer, up to a limit before and after unpacking.
pub(super) struct Received {
    sum: usize,
    limit: usize,
    form: Form,
}

enum Form {
    Plain(Vec<u8>),
    Packed(Box<MultiGzDecoder<Unpacked>>),
}

/// Unpacked bytes, up to a limit.
struct Unpacked {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Unpacked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Received {
    /// Room for an answer; `announced` is its length before unpacking, as far as it is told.
    ///
    /// # Errors
    /// More is announced than may come.
    pub(super) fn new(is_packed: bool, announced: usize, limit: usize) -> Result<Self, Fault> {
        if announced > limit {
            return Err(too_large(limit));
        }
        let form = if is_packed {
            Form::Packed(Box::new(MultiGzDecoder::new(Unpacked { bytes: Vec::new(), limit })))
        } else {
            // A source that announces much and sends nothing costs nothing.
            Form::Plain(Vec::with_capacity(announced.min(MOST_ROOM)))
        };
        Ok(Self { sum: 0, limit, form })
    }

    /// All that came, unpacked.
    ///
    /// # Errors
    /// It breaks off.
    pub(super) fn end(self) -> Result<Vec<u8>, Fault> {
        match self.form {
            Form::Plain(received) => Ok(received),
            Form::Packed(decoder) => {
                let unpacked = decoder.finish().map_err(|error| unpackable(&error, self.limit))?;
                Ok(unpacked.bytes)
            }
        }
    }
}

impl Sink for Received {
    type Refusal = Fault;

    fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.sum += bytes.len();
        if self.sum > self.limit {
            return Err(too_large(self.limit));
        }
        match &mut self.form {
            Form::Plain(received) => received.extend_from_slice(bytes),
            Form::Packed(decoder) => decoder.write_all(bytes).map_err(|error| unpackable(&error, self.limit))?,
        }
        Ok(())
    }

    /// What is announced was compared with the limit before.
    fn room(&mut self) -> Option<&mut Vec<u8>> {
        match &mut self.form {
            Form::Plain(received) => Some(received),
            Form::Packed(_) => None,
        }
    }
}

fn unpackable(error: &io::Error, limit: usize) -> Fault {
    match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(limit),
        _ => malformed("The answer cannot be unpacked."),
    }
}

fn too_large(limit: usize) -> Fault {
    Fault::new(Status::Invalid, "TOO_LARGE", format!("The answer is larger than {limit} bytes."))
}
