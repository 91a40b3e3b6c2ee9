//! Bytes of a text file of unknown encoding → text.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// The text of a file in UTF-8 or UTF-16 (with or without byte order mark) or GB18030, which holds GBK and GB2312;
/// `None` when it is none of them.
pub(crate) fn decode_text(bytes: &[u8]) -> Option<String> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => utf_16_without_mark(bytes).unwrap_or(match std::str::from_utf8(bytes) {
            Ok(_) => UTF_8,
            Err(_) => GB18030,
        }),
    };
    let (text, _, damaged) = encoding.decode(bytes);
    // A zero character does not occur in text; it does in binary files, which GB18030 may accept.
    (!damaged && !text.contains('\0')).then(|| text.into_owned())
}

/// UTF-16 without mark: only there are zero bytes, and most of them, those of separators and line ends, at the side
/// of the high byte.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match even.cmp(&odd) {
        _ if bytes.len() % 2 == 1 || even + odd == 0 => None,
        std::cmp::Ordering::Greater => Some(UTF_16BE),
        _ => Some(UTF_16LE),
    }
}
