//! Pages → a TIFF file, one page at a time (TIFF 6.0, little-endian, one strip a page).

use std::io::Write as _;

use fax::encoder::Encoder as FaxEncoder;
use fax::{Color, VecWriter};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{Rgb, RgbImage};

use super::EncodeProblem;
use super::jpeg::{self, Style};
use super::tone::{greys, is_bilevel, is_grey, palette};

/// A TIFF file in the making.
#[derive(Debug)]
pub(super) struct TiffFile {
    bytes: Vec<u8>,
    /// Where the offset of the next directory belongs.
    link: usize,
}

/// One page's strip with the tags that say how to read it.
pub(super) struct Strip {
    compression: u16,
    photometric: u16,
    samples: u16,
    bits: u16,
    /// Colour map, 16 bits a value, all reds first.
    palette: Vec<u16>,
    /// Luma samples for each chroma sample.
    sampling: Option<(u8, u8)>,
    is_differenced: bool,
    data: Vec<u8>,
}

impl TiffFile {
    pub(super) fn new() -> Self {
        Self { bytes: b"II*\0\0\0\0\0".to_vec(), link: 4 }
    }

    /// Appends a page.
    pub(super) fn add(&mut self, strip: &Strip, (width, height): (u32, u32), dpi: Option<f32>) {
        let at = self.bytes.len() as u32;
        self.add_data(&strip.data);
        let mut entries: Vec<(u16, u16, Vec<u8>)> = Vec::new();
        let mut long = |tag: u16, value: u32| entries.push((tag, 4, value.to_le_bytes().to_vec()));
        long(254, 2); // a page of several
        long(256, width);
        long(257, height);
        long(273, at);
        long(278, height);
        long(279, strip.data.len() as u32);
        let mut shorts = |tag: u16, values: &[u16]| {
            entries.push((tag, 3, values.iter().flat_map(|value| value.to_le_bytes()).collect()));
        };
        shorts(258, &vec![strip.bits; strip.samples.into()]);
        shorts(259, &[strip.compression]);
        shorts(262, &[strip.photometric]);
        shorts(277, &[strip.samples]);
        shorts(284, &[1]);
        if strip.is_differenced {
            shorts(317, &[2]);
        }
        if !strip.palette.is_empty() {
            shorts(320, &strip.palette);
        }
        if let Some((horizontal, vertical)) = strip.sampling {
            shorts(530, &[horizontal.into(), vertical.into()]);
        }
        if let Some(dpi) = dpi {
            shorts(296, &[2]);
            let fraction = [((dpi * 100.0).round() as u32).to_le_bytes(), 100u32.to_le_bytes()].concat();
            entries.push((282, 5, fraction.clone()));
            entries.push((283, 5, fraction));
        }
        entries.sort_by_key(|entry| entry.0);
        self.add_directory(&entries);
    }

    /// Appends data of a page whose directory follows.
    pub(super) fn add_data(&mut self, data: &[u8]) {
        self.bytes.extend(data);
    }

    /// Appends a directory: tag, field type and values of each entry, in order of the tags.
    pub(super) fn add_directory(&mut self, entries: &[(u16, u16, Vec<u8>)]) {
        self.pad();
        let mut table = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, field_type, data) in entries {
            let size = match field_type {
                3 => 2,
                4 => 4,
                5 => 8,
                _ => 1,
            };
            table.extend(tag.to_le_bytes());
            table.extend(field_type.to_le_bytes());
            table.extend(((data.len() / size) as u32).to_le_bytes());
            if data.len() <= 4 {
                table.extend(data);
                table.extend(vec![0; 4 - data.len()]);
            } else {
                table.extend((self.bytes.len() as u32).to_le_bytes());
                self.bytes.extend(data);
                self.pad();
            }
        }
        let at = self.bytes.len();
        self.bytes[self.link..self.link + 4].copy_from_slice(&(at as u32).to_le_bytes());
        self.bytes.extend(&table);
        self.link = self.bytes.len();
        self.bytes.extend([0; 4]);
    }

    /// Directories and values start at even offsets.
    fn pad(&mut self) {
        if self.bytes.len() % 2 == 1 {
            self.bytes.push(0);
        }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Vec<u8>, EncodeProblem> {
        if u32::try_from(self.bytes.len()).is_ok() {
            Ok(self.bytes)
        } else {
            Err(EncodeProblem::Encoder("a TIFF file cannot hold 4 GiB".into()))
        }
    }
}

impl Strip {
    /// The pixels exactly, in the fewest bits that hold them: fax for black and white, else Deflate.
    pub(super) fn lossless(pixels: &RgbImage) -> Self {
        let width = pixels.width() as usize;
        let deflated_strip = |photometric, samples: u16, values: &[u8], palette: Vec<u16>, is_differenced: bool| {
            let step = usize::from(samples);
            let rows = values.chunks(width * step);
            let data = if is_differenced {
                deflated(rows.flat_map(|row| {
                    row.iter().enumerate().map(move |(i, &v)| if i < step { v } else { v.wrapping_sub(row[i - step]) })
                }))
            } else {
                deflated(values.iter().copied())
            };
            Self { compression: 8, photometric, samples, bits: 8, palette, sampling: None, is_differenced, data }
        };
        if is_bilevel(pixels) && u16::try_from(width).is_ok() {
            return Self {
                compression: 4,
                photometric: 0,
                samples: 1,
                bits: 1,
                palette: Vec::new(),
                sampling: None,
                is_differenced: false,
                data: faxed(pixels),
            };
        }
        if is_grey(pixels) {
            return deflated_strip(1, 1, &greys(pixels), Vec::new(), true);
        }
        if let Some((colours, indices)) = palette(pixels) {
            let channel = |c: usize| (0..256).map(move |i| (c, i));
            let map = (0..3).flat_map(channel);
            let map = map.map(|(c, i)| colours.get(i).map_or(0, |colour| u16::from(colour[c]) * 257)).collect();
            return deflated_strip(3, 1, &indices, map, false);
        }
        deflated_strip(2, 3, pixels.as_raw(), Vec::new(), true)
    }

    /// The pixels as a JPEG.
    pub(super) fn jpeg(pixels: &RgbImage, style: &Style) -> Result<Self, EncodeProblem> {
        let is_grey = is_grey(pixels);
        Ok(Self {
            compression: 7,
            photometric: if is_grey { 1 } else { 6 },
            samples: if is_grey { 1 } else { 3 },
            bits: 8,
            palette: Vec::new(),
            sampling: (!is_grey).then_some(style.sampling),
            is_differenced: false,
            data: jpeg::encode(pixels, style, None)?,
        })
    }

    /// Bytes of the strip's data.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }
}

fn deflated(values: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let values: Vec<u8> = values.collect();
    encoder.write_all(&values).expect("writing to memory works");
    encoder.finish().expect("writing to memory works")
}

/// Group 4 fax data of a black and white image.
fn faxed(pixels: &RgbImage) -> Vec<u8> {
    let mut encoder = FaxEncoder::new(VecWriter::new());
    for row in pixels.rows() {
        let colours = row.map(|&Rgb(pixel)| if pixel == [0; 3] { Color::Black } else { Color::White });
        match encoder.encode_line(colours, pixels.width() as u16) {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
    match encoder.finish() {
        Ok(writer) => writer.finish(),
        Err(never) => match never {},
    }
}
