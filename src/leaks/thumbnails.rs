//! Small pictures of a page that the file carries → whether they show something else than the page.

use super::reasons::THUMBNAIL;
use super::to_look_at;
use crate::pdf::Document;
use crate::pdf::render::RenderedPage;
use crate::raster::thumbnail::shows_another;
use crate::report::Finding;

/// A finding for a person when the page's thumbnail shows something else than the page.
pub fn in_thumbnail(document: &Document<'_>, index: usize, shown: &RenderedPage) -> Option<Finding> {
    let thumbnail = document.thumbnail(index)?;
    shows_another(&thumbnail, &shown.raster).then(|| to_look_at(THUMBNAIL))
}
