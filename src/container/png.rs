//! PNG: chunks (ISO/IEC 15948).

/// What a PNG file starts with.
pub(crate) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// One chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk<'a> {
    /// Four letters.
    pub name: [u8; 4],
    /// Its data.
    pub data: &'a [u8],
    /// The whole chunk with length, name and checksum.
    pub raw: &'a [u8],
}

/// The chunks up to IEND, and what follows it. `None` without the signature.
pub(crate) fn parts(bytes: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut rest = bytes.strip_prefix(&SIGNATURE)?;
    let mut chunks = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = [head[4], head[5], head[6], head[7]];
        let Some(raw) = length.checked_add(12).and_then(|total| rest.get(..total)) else { break };
        chunks.push(Chunk { name, data: &raw[8..8 + length], raw });
        rest = &rest[raw.len()..];
        if &name == b"IEND" {
            return Some((chunks, rest));
        }
    }
    Some((chunks, &[]))
}

/// The first chunk of this name.
pub(crate) fn find<'a>(chunks: &[Chunk<'a>], name: [u8; 4]) -> Option<&'a [u8]> {
    chunks.iter().find(|chunk| chunk.name == name).map(|chunk| chunk.data)
}

/// Appends one chunk.
pub(crate) fn push_chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let mut checksum = flate2::Crc::new();
    checksum.update(&name);
    checksum.update(data);
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(name);
    out.extend(data);
    out.extend(checksum.sum().to_be_bytes());
}

/// Pixels an inch that a pHYs chunk states.
pub(crate) fn dpi(chunks: &[Chunk<'_>]) -> Option<f32> {
    let data = find(chunks, *b"pHYs")?;
    let per_metre = u32::from_be_bytes(data.get(..4)?.try_into().ok()?);
    (data.get(8) == Some(&1)).then_some(per_metre as f32 * 0.0254)
}
