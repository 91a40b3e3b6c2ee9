//! The colour of skin.

/// Skin under photographic light, from dark to pale: red leads green, green does not trail blue far
/// (Kovac's rule, loosened for shade).
pub(super) fn is_skin([r, g, b]: [u8; 3]) -> bool {
    r > 70 && g > 35 && b > 15 && r > g && i16::from(r) - i16::from(b) > 12 && i16::from(g) - i16::from(b) > -18 && {
        let spread = r - g;
        (8..110).contains(&spread)
    }
}
