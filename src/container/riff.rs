//! WebP's RIFF chunks.

/// One chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk<'a> {
    /// Four characters.
    pub name: [u8; 4],
    /// Its data without padding.
    pub data: &'a [u8],
}

/// The chunks of a WebP file, and what follows the RIFF form. `None` when it is not one.
pub(crate) fn parts(bytes: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let size = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    if !bytes.starts_with(b"RIFF") || bytes.get(8..12)? != b"WEBP" {
        return None;
    }
    let end = size.saturating_add(8).clamp(12, bytes.len());
    let (mut rest, trailer) = (&bytes[12..end], &bytes[end..]);
    let mut chunks = Vec::new();
    while let Some((head, body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let Some(data) = body.get(..length) else { break };
        chunks.push(Chunk { name: [head[0], head[1], head[2], head[3]], data });
        rest = body.get(length + length % 2..).unwrap_or_default();
    }
    Some((chunks, trailer))
}

/// The first chunk of this name.
pub(crate) fn find<'a>(chunks: &[Chunk<'a>], name: [u8; 4]) -> Option<&'a [u8]> {
    chunks.iter().find(|chunk| chunk.name == name).map(|chunk| chunk.data)
}

/// A WebP file of these chunks.
pub(crate) fn file(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for chunk in chunks {
        body.extend(chunk.name);
        body.extend((chunk.data.len() as u32).to_le_bytes());
        body.extend(chunk.data);
        if chunk.data.len() % 2 == 1 {
            body.push(0);
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    out
}
