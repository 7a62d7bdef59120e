//! Phone numbers: from what people write to E.164, and from there to the parts that forms keep apart.
//! It must not know rows or inputs.

use phonenumber::{Mode, PhoneNumber, country, metadata::DATABASE};

/// A number in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Calling code without plus, such as "234".
    pub country_code: String,
    /// Digits after the calling code.
    pub national_number: String,
    /// Digits as dialled inside the country, such as "08012345678".
    pub national_format: String,
}

/// Reads a number: one with plus as it stands, any other as the national form of the calling code, else of the
/// region (two capital letters). Returns it in E.164.
///
/// # Errors
/// The country is not known, or no number of it looks like this.
#[expect(clippy::result_unit_err, reason = "there is nothing to tell but that it is no phone number")]
pub fn parse(number: &str, country_code: Option<&str>, default_region: Option<&str>) -> Result<String, ()> {
    let number = number.trim();
    let international = number.strip_prefix("00").map(|rest| format!("+{rest}"));
    let number = international.as_deref().unwrap_or(number);
    if number.starts_with('+') {
        return read(None, number).ok_or(());
    }
    let Some(code) = country_code else {
        let region = default_region.and_then(|region| region.parse().ok()).ok_or(())?;
        return read(Some(region), number).ok_or(());
    };
    let code: u16 = code.trim().trim_start_matches('+').parse().map_err(|_| ())?;
    let regions = DATABASE.region(&code).ok_or(())?;
    let of_regions = regions.iter().filter_map(|region| region.parse().ok());
    of_regions.into_iter().find_map(|region| read(Some(region), number)).ok_or(())
}

/// The parts of a number in E.164; none if it is none.
#[must_use]
pub fn parts(e164: &str) -> Option<Parts> {
    let number = phonenumber::parse(None, e164).ok()?;
    let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect();
    Some(Parts {
        country_code: number.code().value().to_string(),
        national_number: number.national().to_string(),
        national_format: digits(number.format().mode(Mode::National).to_string()),
    })
}

fn read(region: Option<country::Id>, number: &str) -> Option<String> {
    let number = phonenumber::parse(region, number).ok().filter(PhoneNumber::is_valid)?;
    Some(number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_e164() {
        for (number, code, region, expected) in [
            ("08011223344", None, Some("NG"), Ok("+2348011223344")),
            ("0801 122-3344", None, Some("NG"), Ok("+2348011223344")),
            ("8011223344", None, Some("NG"), Ok("+2348011223344")),
            ("2348012345678", None, Some("NG"), Ok("+2348012345678")),
            ("+2348011223344", None, None, Ok("+2348011223344")),
            ("002348011223344", None, Some("ZA"), Ok("+2348011223344")),
            ("+234 (0) 801 122 3344", None, None, Ok("+2348011223344")),
            ("08011223344", Some("234"), Some("ZA"), Ok("+2348011223344")),
            ("5551234567", Some("52"), None, Ok("+525551234567")),
            ("0812345678", Some("+27"), None, Ok("+27812345678")),
            ("2025550123", Some("1"), None, Ok("+12025550123")),
            ("0801122334", None, Some("NG"), Err(())),
            ("+23480112233445", None, None, Err(())),
            ("+1234567890", None, None, Err(())),
            ("08011223344", None, None, Err(())),
            ("08011223344", Some("999"), None, Err(())),
            ("08011223344", Some("x"), Some("NG"), Err(())),
            ("call me", None, Some("NG"), Err(())),
            ("", None, Some("NG"), Err(())),
        ] {
            assert_eq!(parse(number, code, region), expected.map(str::to_owned), "{number} {code:?} {region:?}");
        }
    }

    #[test]
    fn numbers_have_parts() {
        for (number, code, national, dialled) in [
            ("+2348012345678", "234", "8012345678", "08012345678"),
            ("+27812345678", "27", "812345678", "0812345678"),
            ("+12025550123", "1", "2025550123", "2025550123"),
        ] {
            let expected =
                Parts { country_code: code.into(), national_number: national.into(), national_format: dialled.into() };
            assert_eq!(parts(number), Some(expected));
        }
        assert_eq!(parts("nothing"), None);
    }
}
