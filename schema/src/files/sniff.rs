//! What a content really is, among the types that may be uploaded. Names are not believed.

/// A type that may be uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub media_type: &'static str,
    /// Endings of names that fit, the usual one first.
    pub endings: &'static [&'static str],
}

/// Endings of all types that may be uploaded.
pub const ENDINGS: [&str; 11] = ["png", "jpg", "jpeg", "docx", "doc", "xls", "xlsx", "zip", "rar", "txt", "pdf"];

const PNG: Kind = Kind { media_type: "image/png", endings: &["png"] };
const JPEG: Kind = Kind { media_type: "image/jpeg", endings: &["jpg", "jpeg"] };
const PDF: Kind = Kind { media_type: "application/pdf", endings: &["pdf"] };
const RAR: Kind = Kind { media_type: "application/vnd.rar", endings: &["rar"] };
const ZIP: Kind = Kind { media_type: "application/zip", endings: &["zip"] };
const TXT: Kind = Kind { media_type: "text/plain", endings: &["txt"] };
const DOC: Kind = Kind { media_type: "application/msword", endings: &["doc"] };
const XLS: Kind = Kind { media_type: "application/vnd.ms-excel", endings: &["xls"] };
const DOCX: Kind =
    Kind { media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", endings: &["docx"] };
const XLSX: Kind =
    Kind { media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", endings: &["xlsx"] };

const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Bytes at the start by which most types are known.
const HEAD: usize = 8192;
/// Longest name of an entry that says something.
const LONGEST_NAME: usize = 64;
/// Bytes before the name of an entry in the directory of a ZIP archive.
const ENTRY: usize = 46;
/// Bytes that are kept of what has passed, so that nothing is missed where two chunks meet.
const KEPT: usize = ENTRY + LONGEST_NAME;

/// Entries of a ZIP archive that make it a document, and streams of an old document.
const ENTRIES: [&str; 3] = ["[Content_Types].xml", "word/document.xml", "xl/workbook.xml"];
const STREAMS: [&str; 2] = ["WordDocument", "Workbook"];

/// Looks at a content chunk by chunk, however it is cut.
#[derive(Debug)]
pub struct Sniffer {
    head: Vec<u8>,
    /// The end of what has passed.
    tail: Vec<u8>,
    entries: [bool; ENTRIES.len()],
    streams: [bool; STREAMS.len()],
    is_text: bool,
    /// Bytes of a letter that goes on in the next chunk.
    letter: Vec<u8>,
}

impl Default for Sniffer {
    fn default() -> Self {
        Self {
            head: Vec::new(),
            tail: Vec::new(),
            entries: [false; ENTRIES.len()],
            streams: [false; STREAMS.len()],
            is_text: true,
            letter: Vec::new(),
        }
    }
}

/// The type of a content; none if it may not be uploaded.
#[must_use]
pub fn sniff(content: &[u8]) -> Option<Kind> {
    let mut sniffer = Sniffer::default();
    sniffer.take(content);
    sniffer.kind()
}

impl Sniffer {
    /// Looks at the next chunk.
    pub fn take(&mut self, chunk: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        self.read_text(chunk);
        let seen = [&self.tail, chunk].concat();
        if self.head.starts_with(b"PK") {
            self.find_entries(&seen);
        } else if self.head.starts_with(&OLE) {
            self.find_streams(&seen);
        }
        self.tail = seen[seen.len().saturating_sub(KEPT)..].to_vec();
    }

    /// The type of what has passed; none if it may not be uploaded.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let head = self.head.as_slice();
        if head.starts_with(b"PK") {
            return infer::archive::is_zip(head).then(|| self.archive());
        }
        if head.starts_with(&OLE) {
            // The class in the root entry is often left empty, so the names of the streams count.
            return match self.streams {
                [true, _] => Some(DOC),
                [false, true] => Some(XLS),
                _ => None,
            };
        }
        match infer::get(head).map(|found| found.mime_type()) {
            Some("image/png") => Some(PNG),
            Some("image/jpeg") => Some(JPEG),
            Some("application/pdf") => Some(PDF),
            Some("application/vnd.rar") => Some(RAR),
            Some(_) => None,
            None => (self.is_text && self.letter.is_empty() && !head.is_empty()).then_some(TXT),
        }
    }

    /// Whether the content begins like this.
    #[must_use]
    pub fn starts_with(&self, bytes: &[u8]) -> bool {
        self.head.starts_with(bytes)
    }

    /// Office documents are ZIP archives with certain entries, in any order.
    fn archive(&self) -> Kind {
        match self.entries {
            [true, true, _] => DOCX,
            [true, false, true] => XLSX,
            _ => ZIP,
        }
    }

    /// Names in the central directory of a ZIP archive.
    fn find_entries(&mut self, seen: &[u8]) {
        let starts = seen.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").map(|(start, _)| start);
        for start in starts {
            let Some(length) = seen.get(start + 28..start + 30) else { continue };
            let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
            let name = seen.get(start + ENTRY..start + ENTRY + length);
            if let Some(place) = ENTRIES.iter().position(|entry| name == Some(entry.as_bytes())) {
                self.entries[place] = true;
            }
        }
    }

    fn find_streams(&mut self, seen: &[u8]) {
        for (place, name) in STREAMS.iter().enumerate() {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            self.streams[place] |= seen.windows(name.len()).any(|bytes| bytes == name);
        }
    }

    fn read_text(&mut self, chunk: &[u8]) {
        if !self.is_text {
            return;
        }
        let bytes = [std::mem::take(&mut self.letter).as_slice(), chunk].concat();
        self.is_text = !bytes.contains(&0);
        if let Err(error) = std::str::from_utf8(&bytes) {
            // A letter that is cut may go on; anything else is no text.
            self.is_text &= error.error_len().is_none();
            self.letter = bytes[error.valid_up_to()..].to_vec();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Local and central headers with the names alone, as far as sniffing looks.
    fn zip(names: &[&str]) -> Vec<u8> {
        let mut content = Vec::new();
        for (signature, header) in [(b"PK\x03\x04", 30), (b"PK\x01\x02", 46)] {
            for name in names {
                let mut entry = vec![0; header];
                entry[..4].copy_from_slice(signature);
                let at = if header == 30 { 26 } else { 28 };
                entry[at] = u8::try_from(name.len()).unwrap();
                content.extend(entry);
                content.extend(name.as_bytes());
            }
        }
        content
    }

    fn ole(stream: &str) -> Vec<u8> {
        let name = stream.encode_utf16().flat_map(u16::to_le_bytes);
        OLE.into_iter().chain([0; 504]).chain(name).collect()
    }

    #[test]
    fn contents_are_told_apart() {
        let cases: Vec<(&str, Vec<u8>, Option<Kind>)> = vec![
            ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), Some(PNG)),
            ("jpeg", b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), Some(JPEG)),
            ("pdf", b"%PDF-1.7\n".to_vec(), Some(PDF)),
            ("rar", b"Rar!\x1A\x07\x01\0".to_vec(), Some(RAR)),
            ("docx", zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]), Some(DOCX)),
            (
                "docx in another order",
                zip(&["word/document.xml", "docProps/app.xml", "[Content_Types].xml"]),
                Some(DOCX),
            ),
            ("xlsx", zip(&["[Content_Types].xml", "xl/workbook.xml"]), Some(XLSX)),
            ("zip", zip(&["a.txt", "word/document.xml"]), Some(ZIP)),
            ("pptx", zip(&["[Content_Types].xml", "ppt/presentation.xml"]), Some(ZIP)),
            ("empty zip", b"PK\x05\x06".iter().copied().chain([0; 18]).collect(), Some(ZIP)),
            ("doc", ole("WordDocument"), Some(DOC)),
            ("xls", ole("Workbook"), Some(XLS)),
            ("msi", ole("Property"), None),
            ("text", "Grüße\r\n".as_bytes().to_vec(), Some(TXT)),
            ("text with a mark", "\u{FEFF}a".as_bytes().to_vec(), Some(TXT)),
            ("latin 1", b"Gr\xFC\xDFe".to_vec(), None),
            ("NUL", b"a\0b".to_vec(), None),
            ("nothing", Vec::new(), None),
            ("html", b"<!DOCTYPE html><script>".to_vec(), None),
            ("shell script", b"#!/bin/sh\nrm".to_vec(), None),
            ("exe", b"MZ\x90\0\x03".to_vec(), None),
            ("elf", b"\x7FELF\x02\x01\x01\0".to_vec(), None),
            ("gif", b"GIF89a".to_vec(), None),
            ("svg", b"<?xml version=\"1.0\"?><svg/>".to_vec(), None),
            ("PK alone", b"PKWARE is a company".to_vec(), None),
        ];
        for (name, content, expected) in cases {
            assert_eq!(sniff(&content), expected, "{name}");
            // However it is cut, it is the same.
            for size in [1, 3, 50] {
                let mut sniffer = Sniffer::default();
                content.chunks(size).for_each(|chunk| sniffer.take(chunk));
                assert_eq!(sniffer.kind(), expected, "{name} by {size}");
            }
        }
    }
}
