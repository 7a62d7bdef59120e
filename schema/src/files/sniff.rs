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

/// The type of a content; none if it may not be uploaded.
#[must_use]
pub fn sniff(content: &[u8]) -> Option<Kind> {
    if content.starts_with(b"PK") {
        return archive(content);
    }
    if content.starts_with(&OLE) {
        return old_office(content);
    }
    match infer::get(content).map(|found| found.mime_type()) {
        Some("image/png") => Some(PNG),
        Some("image/jpeg") => Some(JPEG),
        Some("application/pdf") => Some(PDF),
        Some("application/vnd.rar") => Some(RAR),
        Some(_) => None,
        None => text(content),
    }
}

/// Office documents are ZIP archives with certain entries, in any order.
fn archive(content: &[u8]) -> Option<Kind> {
    infer::archive::is_zip(content).then(|| {
        let entries = entries(content);
        let has = |name: &[u8]| entries.contains(&name);
        match has(b"[Content_Types].xml") {
            true if has(b"word/document.xml") => DOCX,
            true if has(b"xl/workbook.xml") => XLSX,
            _ => ZIP,
        }
    })
}

/// Names in the central directory of a ZIP archive.
fn entries(content: &[u8]) -> Vec<&[u8]> {
    const HEADER: usize = 46;
    let starts = content.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").map(|(start, _)| start);
    starts
        .filter_map(|start| {
            let length = content.get(start + 28..start + 30)?;
            let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
            content.get(start + HEADER..start + HEADER + length)
        })
        .collect()
}

/// The class in the root entry is often left empty, so the names of the streams count.
fn old_office(content: &[u8]) -> Option<Kind> {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        content.windows(name.len()).any(|bytes| bytes == name)
    };
    if has("WordDocument") {
        Some(DOC)
    } else if has("Workbook") {
        Some(XLS)
    } else {
        None
    }
}

fn text(content: &[u8]) -> Option<Kind> {
    let is_text = !content.is_empty() && !content.contains(&0) && std::str::from_utf8(content).is_ok();
    is_text.then_some(TXT)
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
        }
    }
}
