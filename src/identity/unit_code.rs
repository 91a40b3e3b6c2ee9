//! 统一社会信用代码, the code of 18 characters that stands for a unit on licences, invoices and contracts.

/// Characters of the code in the order of their values; I, O, S, V and Z are left out (GB 32100-2015, table 1).
const SYMBOLS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Length with the check character.
const LENGTH: usize = 18;

/// True for a code whose check character is right (GB 32100-2015, 4.2).
pub(crate) fn is_unit_code(text: &str) -> bool {
    let values: Option<Vec<usize>> = text.trim().chars().map(|c| SYMBOLS.find(c.to_ascii_uppercase())).collect();
    let Some(values) = values.filter(|values| values.len() == LENGTH) else { return false };
    let modulus = SYMBOLS.len();
    // The weight of the place i is 3 to the power of i.
    let (sum, _) =
        values[..LENGTH - 1].iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % modulus));
    (sum + values[LENGTH - 1]) % modulus == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_its_check_character() {
        // The example of the standard's text, and an invented one of a district that does not exist.
        assert!(is_unit_code("91350100M000100Y43"));
        assert!(is_unit_code("91999999ma0abcde1l"));
        for other in ["91350100M000100Y44", "91350100M000100Y4", "913501000M00100Y43", "张伟", ""] {
            assert!(!is_unit_code(other), "{other}");
        }
    }
}
