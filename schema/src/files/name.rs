//! Names of uploaded files, made safe to store, show and download.

const LONGEST: usize = 200;
const UNSAFE: &str = "<>:\"|?*";

/// The base name without anything that a file system, a header or a reader could take for something else; `file` if
/// nothing is left.
#[must_use]
pub fn safe(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        base.chars().filter(|c| is_visible(*c)).map(|c| if UNSAFE.contains(c) { '_' } else { c }).collect();
    let trimmed = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']).trim();
    if trimmed.is_empty() { "file".into() } else { shorten(trimmed) }
}

/// The ending in lower case, without its dot.
#[must_use]
pub fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_lowercase())
}

/// Neither a control character nor one that turns the direction of writing, which hides the true ending.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Cuts the stem, never the ending.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 10 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let cut = stem.floor_char_boundary(LONGEST - ending.len());
    format!("{}{ending}", &stem[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_safe() {
        for (name, expected) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.txt", "a.txt"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a\r\nb\0.txt", "ab.txt"),
            ("what?.txt", "what_.txt"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
            ("name. . ", "name"),
            ("Überweisung März.pdf", "Überweisung März.pdf"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = safe(&format!("{}.docx", "ü".repeat(300)));
        assert!(name.len() <= LONGEST && name.ends_with("ü.docx"), "{name}");
        assert!(safe(&"x".repeat(300)).len() <= LONGEST);
    }
}
