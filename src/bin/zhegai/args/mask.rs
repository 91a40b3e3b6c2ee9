//! `zhegai mask`.

use std::path::PathBuf;

use clap::Args;

use super::BatchArgs;

/// What `zhegai mask` takes.
#[derive(Debug, Args)]
pub(crate) struct MaskArgs {
    #[command(flatten)]
    pub(crate) batch: BatchArgs,

    /// Folder for the masked copies and the report; the inputs' folders are kept below it
    #[arg(short, long, value_name = "OUT_DIR")]
    pub(crate) output: PathBuf,

    /// Continue an earlier run: what has not changed since, and its copies, stay; new and changed files are masked
    #[arg(long)]
    pub(crate) resume: bool,

    /// Colour of the blocks: black, white, or six hexadecimal digits such as 808080
    #[arg(long, default_value = "black", value_name = "COLOUR", value_parser = fill)]
    pub(crate) fill: Fill,

    /// Make all blocks over names equally long, so that their length tells nothing
    #[arg(long)]
    pub(crate) fixed_width: bool,

    /// Turn every PDF page into an image, also those on which nothing is masked
    #[arg(long)]
    pub(crate) flatten: bool,

    /// Size that no masked file may exceed, in bytes or with K (1024) or M: 600K; a file that would become unreadable
    /// is refused
    #[arg(long, value_name = "SIZE", value_parser = byte_size)]
    pub(crate) max_bytes: Option<usize>,
}

/// An opaque colour, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fill(pub(crate) [u8; 3]);

/// What is told of a colour that is none.
pub(crate) const COLOURS: &str = "it should be black, white, or six hexadecimal digits such as 808080";
/// What is told of a size that is none.
pub(crate) const SIZES: &str = "it should be a size such as 600K or 2M";

fn fill(text: &str) -> Result<Fill, String> {
    match text {
        "black" => return Ok(Fill([0; 3])),
        "white" => return Ok(Fill([255; 3])),
        _ => {}
    }
    let digits = text.strip_prefix('#').unwrap_or(text);
    // The number's own parser takes a sign, too.
    let is_hexadecimal = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match u32::from_str_radix(digits, 16) {
        Ok(value) if is_hexadecimal => {
            let [_, r, g, b] = value.to_be_bytes();
            Ok(Fill([r, g, b]))
        }
        _ => Err(COLOURS.into()),
    }
}

fn byte_size(text: &str) -> Result<usize, String> {
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.strip_suffix('B').unwrap_or(&upper);
    let (number, unit) =
        match upper.strip_suffix('K').map(|n| (n, 1 << 10)).or(upper.strip_suffix('M').map(|n| (n, 1 << 20))) {
            Some(scaled) => scaled,
            None => (upper, 1),
        };
    number
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite() && *n > 0.0)
        .map(|n| (n * f64::from(unit)) as usize)
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| SIZES.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_named_or_hexadecimal() {
        assert_eq!(fill("white"), Ok(Fill([255, 255, 255])));
        assert_eq!(fill("#0a80FF"), Ok(Fill([10, 128, 255])));
        assert!(fill("reddish").is_err());
    }

    #[test]
    fn sizes_take_k_and_m() {
        assert_eq!(byte_size("600K"), Ok(614_400));
        assert_eq!(byte_size("1.5MB"), Ok(1_572_864));
        assert_eq!(byte_size("300000"), Ok(300_000));
        assert!(byte_size("0").is_err() && byte_size("0.5").is_err());
    }
}
