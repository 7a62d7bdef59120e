//! Currencies of ISO 4217 and the exact way between minor and major units. It must not know rows or inputs.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

/// Currencies whose minor unit is the hundredth of the major one.
const HUNDREDTHS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN \
    BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR \
    SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES \
    WST XCD XCG YER ZAR ZMW ZWG";

/// Currencies without a minor unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";

/// Currencies whose minor unit is the thousandth of the major one.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Units of account with four decimals.
const TEN_THOUSANDTHS: &str = "CLF UYW";

/// How many decimals the minor unit of a currency stands for; none for a code that ISO 4217 does not list.
#[must_use]
pub fn exponent(currency: &str) -> Option<u32> {
    [(HUNDREDTHS, 2), (WHOLE, 0), (THOUSANDTHS, 3), (TEN_THOUSANDTHS, 4)]
        .into_iter()
        .find(|(codes, _)| codes.split_ascii_whitespace().any(|code| code == currency))
        .map(|(_, exponent)| exponent)
}

/// All codes.
pub fn codes() -> impl Iterator<Item = &'static str> {
    [HUNDREDTHS, WHOLE, THOUSANDTHS, TEN_THOUSANDTHS].into_iter().flat_map(str::split_ascii_whitespace)
}

/// Major units as minor ones, rounded half to even; none if that does not fit.
#[must_use]
pub fn to_minor(amount: Decimal, exponent: u32) -> Option<i64> {
    let factor = Decimal::from(10_i64.checked_pow(exponent)?);
    amount.checked_mul(factor)?.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64()
}

/// What minor units are divided by to be major ones, as SQL over the column of their currency.
#[must_use]
pub fn divisor(currency: &str) -> String {
    let list = |codes: &str| format!("'{}'", codes.split_ascii_whitespace().collect::<Vec<_>>().join("','"));
    format!(
        "CASE WHEN {currency} IN ({}) THEN 1 WHEN {currency} IN ({}) THEN 1000 WHEN {currency} IN ({}) THEN 10000 ELSE 100 END",
        list(WHOLE),
        list(THOUSANDTHS),
        list(TEN_THOUSANDTHS)
    )
}

/// Minor units as major ones, with all decimals of the currency: 1500.00, not 1500.
///
/// # Panics
/// If the exponent is beyond 28, which that of no currency is.
#[must_use]
pub fn to_major(minor: i64, exponent: u32) -> Decimal {
    Decimal::new(minor, exponent)
}

/// Decimal text as minor units of the currency; none if it is no number, or the currency none of ISO 4217.
#[must_use]
pub fn parse_minor(amount: &str, currency: &str) -> Option<i64> {
    to_minor(amount.trim().parse().ok()?, exponent(currency)?)
}

/// Minor units as decimal text with all decimals of the currency.
#[must_use]
pub fn format_minor(minor: i64, currency: &str) -> String {
    to_major(minor, exponent(currency).unwrap_or(2)).to_string()
}

/// Millionths as decimal text without zeros at the end.
#[must_use]
pub fn millionths(number: i64) -> String {
    Decimal::new(number, 6).normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_stands_once() {
        let lists = [HUNDREDTHS, WHOLE, THOUSANDTHS, TEN_THOUSANDTHS].map(|codes| codes.split_ascii_whitespace());
        let mut codes: Vec<_> = lists.into_iter().flatten().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(codes.iter().all(|code| code.len() == 3));
    }

    #[test]
    fn exponents() {
        for (currency, expected) in [
            ("NGN", Some(2)),
            ("JPY", Some(0)),
            ("KWD", Some(3)),
            ("CLF", Some(4)),
            ("XXX", None),
            ("ngn", None),
            ("", None),
        ] {
            assert_eq!(exponent(currency), expected, "{currency}");
        }
    }

    #[test]
    fn amounts_are_rounded_half_to_even() {
        for (amount, exponent, expected) in [
            ("1500", 2, Some(150_000)),
            ("0.005", 2, Some(0)),
            ("0.015", 2, Some(2)),
            ("-0.025", 2, Some(-2)),
            ("0.0251", 2, Some(3)),
            ("2.5", 0, Some(2)),
            ("1.2345", 3, Some(1234)),
            ("92233720368547758.07", 2, Some(i64::MAX)),
            ("92233720368547758.08", 2, None),
        ] {
            assert_eq!(to_minor(amount.parse().unwrap(), exponent), expected, "{amount}");
        }
    }

    #[test]
    fn major_units_keep_their_decimals() {
        for (minor, exponent, expected) in [
            (150_000, 2, "1500.00"),
            (-5, 2, "-0.05"),
            (7, 0, "7"),
            (1, 3, "0.001"),
            (i64::MIN, 2, "-92233720368547758.08"),
        ] {
            assert_eq!(to_major(minor, exponent).to_string(), expected);
        }
    }
}
