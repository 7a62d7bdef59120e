//! The sums of an invoice, in whole minor units. Pure: it must not know the database.

use rust_decimal::{Decimal, prelude::ToPrimitive};

/// Millionths in one.
pub const MILLION: i64 = 1_000_000;

/// What an invoice adds up to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub subtotal: i64,
    pub tax: i64,
    pub total: i64,
}

/// A quantity in millionths; none if it has finer parts or is beyond 64 bits.
#[must_use]
pub fn millionths(quantity: Decimal) -> Option<i64> {
    let scaled = quantity.checked_mul(Decimal::from(MILLION))?;
    if scaled.fract().is_zero() { scaled.to_i64() } else { None }
}

/// Price of a quantity, rounded half to even; none beyond 64 bits.
#[must_use]
pub fn line_total(quantity_millionths: i64, unit_price: i64) -> Option<i64> {
    let exact = i128::from(quantity_millionths) * i128::from(unit_price);
    i64::try_from(half_even(exact, i128::from(MILLION))).ok()
}

/// The quotient nearest to `exact / divisor`, the even one of two that are equally near.
fn half_even(exact: i128, divisor: i128) -> i128 {
    let quotient = exact.div_euclid(divisor);
    let twice = 2 * exact.rem_euclid(divisor);
    let is_up = twice > divisor || (twice == divisor && quotient % 2 != 0);
    quotient + i128::from(is_up)
}

/// Sums of lines, each given as its total before tax and its tax; none beyond 64 bits.
#[must_use]
pub fn sums(lines: impl IntoIterator<Item = (i64, i64)>) -> Option<Sums> {
    let mut sums = Sums::default();
    for (total, tax) in lines {
        sums.subtotal = sums.subtotal.checked_add(total)?;
        sums.tax = sums.tax.checked_add(tax)?;
    }
    sums.total = sums.subtotal.checked_add(sums.tax)?;
    Some(sums)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [
            (500_000, 1, 0),
            (500_000, 3, 2),
            (500_000, 5, 2),
            (500_000, -1, 0),
            (500_000, -3, -2),
            (500_001, 1, 1),
            (499_999, 1, 0),
            (1_500_000, 999, 1498),
            (3_000_000, 1050, 3150),
            (333_333, 300, 100),
        ];
        for (quantity, price, total) in cases {
            assert_eq!(line_total(quantity, price), Some(total), "{quantity} at {price}");
        }
    }

    #[test]
    fn quantities_keep_six_places_and_no_more() {
        let cases = [("2", Some(2_000_000)), ("0.000001", Some(1)), ("0.0000001", None), ("1.50", Some(1_500_000))];
        for (text, expected) in cases {
            assert_eq!(millionths(text.parse().expect("a decimal")), expected, "{text}");
        }
        assert_eq!(millionths(Decimal::MAX), None);
    }

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        assert_eq!(line_total(i64::MAX, i64::MAX), None);
        assert_eq!(sums([(i64::MAX, 0), (1, 0)]), None);
        assert_eq!(sums([(i64::MAX, 1)]), None);
    }

    proptest! {
        #[test]
        fn a_line_is_never_off_by_more_than_half(quantity in 0..10_000_000_000_i64, price in -1_000_000_000..1_000_000_000_i64) {
            let total = i128::from(line_total(quantity, price).expect("in range"));
            let exact = i128::from(quantity) * i128::from(price);
            prop_assert!(2 * (total * i128::from(MILLION) - exact).abs() <= i128::from(MILLION));
        }

        #[test]
        fn whole_quantities_are_exact(quantity in 0..100_000_i64, price in -1_000_000..1_000_000_i64) {
            prop_assert_eq!(line_total(quantity * MILLION, price), Some(quantity * price));
        }

        #[test]
        fn the_total_is_the_sum_of_its_parts(lines in prop::collection::vec((-1_000_000..1_000_000_i64, 0..1_000_000_i64), 0..50)) {
            let sums = sums(lines.iter().copied()).expect("in range");
            let total: i64 = lines.iter().map(|(total, tax)| total + tax).sum();
            prop_assert_eq!(sums.total, total);
            prop_assert_eq!(sums.subtotal + sums.tax, total);
        }
    }
}
