//! How large inputs may be.

use crate::error::InputProblem;

/// How large inputs may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file. 1 GiB: larger than any upload platform takes, small enough to hold.
    pub file_bytes: u64,
    /// Pixels of one image page. 120 million: a 108-megapixel phone photo, or A3 at 600 dpi (70 million),
    /// is 360 MB as RGB; A4 at 1200 dpi is refused.
    pub pixels: u64,
    /// Bytes of one image page as it is stored: [`Self::pixels`] with four channels of 16 bits.
    pub page_bytes: u64,
    /// Pixels along one side: what JPEG can express, so a long screenshot passes.
    pub side: u32,
    /// Pages of one TIFF file.
    pub tiff_pages: usize,
    /// Members of one archive: 300 applicants with 300 files each.
    pub archive_members: usize,
    /// Bytes that one archive may unpack to: as many applicants with 200 MB each. They are never held together.
    pub archive_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            pixels: 120_000_000,
            page_bytes: 8 * 120_000_000,
            side: 65_535,
            tiff_pages: 5_000,
            archive_members: 100_000,
            archive_bytes: 64 << 30,
        }
    }
}

impl Limits {
    /// Refuses an image of this size before anything is allocated for it.
    ///
    /// # Errors
    /// [`InputProblem::TooLarge`], or [`InputProblem::Damaged`] for a side of 0 pixels.
    pub fn check_size(&self, width: u32, height: u32) -> Result<(), InputProblem> {
        if width == 0 || height == 0 {
            return Err(InputProblem::Damaged(format!("an image of {width} × {height} px")));
        }
        if width > self.side || height > self.side {
            return Err(InputProblem::TooLarge(format!("{width} × {height} px, and a side may have {} px", self.side)));
        }
        if u64::from(width) * u64::from(height) > self.pixels {
            let limit = self.pixels / 1_000_000;
            return Err(InputProblem::TooLarge(format!(
                "{width} × {height} px, and a page may have {limit} million px"
            )));
        }
        Ok(())
    }

    /// Refuses an image of so many bits a pixel before anything is allocated for it. Its size has been checked.
    ///
    /// # Errors
    /// [`InputProblem::TooLarge`].
    pub fn check_depth(&self, width: u32, height: u32, bits: u64) -> Result<(), InputProblem> {
        let bytes = (u64::from(width) * u64::from(height)).saturating_mul(bits) / 8;
        if bytes > self.page_bytes {
            let limit = self.page_bytes / 1_000_000;
            return Err(InputProblem::TooLarge(format!(
                "{width} × {height} px of {bits} bits, and a page may have {limit} MB"
            )));
        }
        Ok(())
    }
}
