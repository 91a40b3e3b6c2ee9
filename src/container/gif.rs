//! GIF: blocks (GIF89a specification).

/// The parts of a GIF file that matter for its text and length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// Width and height of the canvas.
    pub canvas: (u32, u32),
    /// Comment extensions, each joined.
    pub comments: Vec<Vec<u8>>,
    /// Application extensions: the 11-byte identifier, then its data with the block lengths kept.
    pub applications: Vec<(Vec<u8>, &'a [u8])>,
    /// Plain text extensions, each joined.
    pub plain_texts: Vec<Vec<u8>>,
    /// Number of images (frames).
    pub images: usize,
    /// What follows the trailer byte.
    pub trailer: &'a [u8],
}

/// Splits a GIF file; `None` when it is not one or ends within its header.
pub(crate) fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let body = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    let header = body.get(..7)?;
    let canvas = (u16::from_le_bytes([header[0], header[1]]), u16::from_le_bytes([header[2], header[3]]));
    let mut parts = Parts { canvas: (canvas.0.into(), canvas.1.into()), ..Parts::default() };
    let mut rest = body.get(7 + table_length(header[4])..)?;
    while let Some((&introducer, after)) = rest.split_first() {
        match introducer {
            0x21 => {
                let Some((&label, blocks)) = after.split_first() else { break };
                let length = blocks_length(blocks);
                match label {
                    0xFE => parts.comments.push(joined(&blocks[..length])),
                    0x01 => parts.plain_texts.push(joined(blocks.get(13..length).unwrap_or_default())),
                    0xFF => {
                        let name = blocks.get(1..12).unwrap_or_default().to_vec();
                        parts.applications.push((name, blocks.get(12..length).unwrap_or_default()));
                    }
                    _ => {}
                }
                rest = &blocks[length..];
            }
            0x2C => {
                let Some(descriptor) = after.get(..9) else { break };
                let Some(blocks) = after.get(10 + table_length(descriptor[8])..) else { break };
                parts.images += 1;
                rest = &blocks[blocks_length(blocks)..];
            }
            0x3B => {
                parts.trailer = after;
                break;
            }
            _ => rest = after,
        }
    }
    Some(parts)
}

/// Bytes of the colour table that a packed field announces.
fn table_length(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// Bytes of a chain of sub-blocks with its terminator.
fn blocks_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&length) = bytes.get(at) {
        at += 1 + usize::from(length);
        if length == 0 {
            break;
        }
    }
    at.min(bytes.len())
}

/// The content of a chain of sub-blocks.
pub(crate) fn joined(mut blocks: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some((&length, rest)) = blocks.split_first() {
        let Some(data) = rest.get(..usize::from(length)) else { break };
        content.extend(data);
        blocks = &rest[data.len()..];
    }
    content
}
