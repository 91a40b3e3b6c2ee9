//! A page without a cover + the page as displayed → identity that shows only without the cover. Reads no more than
//! what appears.

use super::{Engine, is_legible};
use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::Identity;
use crate::judge;
use crate::leaks;
use crate::pdf::uncover::{Cover, Uncovered};
use crate::policy::SealScope;
use crate::raster::{Raster, crop};
use crate::report::{Finding, FindingState};

/// How much around a change is read with it: a line that the change cuts through must be read whole enough for the
/// words before and after a name to be told. In inches: 250 px at 200 dpi are some eight characters of 11 pt.
const CONTEXT_INCHES: f32 = 1.25;
/// The same above and below: half a line.
const CONTEXT_INCHES_ACROSS: f32 = 0.25;

impl Engine {
    /// Identity that shows only when a cover is taken away. `known` is what the page as displayed shows.
    pub(super) fn appearing(
        &self,
        uncovered: &Uncovered,
        shown: &Raster,
        known: &[Finding],
        identity: &Identity,
        scope: SealScope,
    ) -> Result<Vec<Finding>> {
        let page = &uncovered.page.raster;
        let mut found = Vec::new();
        for region in regions(&uncovered.changed, page) {
            let part = Raster::new(crop(&page.pixels, region), page.dpi);
            if !is_legible(&part) {
                continue;
            }
            let text = self.text.read(&part, None, &|lines| identity.parts_that_matter(lines))?;
            let mut here = judge::of_text(&identity.search(&text.lines));
            let faces = self.faces.find(&part, &text.lines)?;
            // Eyes that a bar hides on this page, too, do not appear on it.
            let is_open = |finding: &Finding| finding.certain && finding.state == FindingState::Exposed;
            here.extend(judge::of_faces(&faces, self.face_mask).into_iter().filter(is_open));
            let (seals, _) = judge::of_seals(&self.seals.find_for(&part, identity)?, identity, scope);
            here.extend(seals.into_iter().filter(|finding| finding.certain));
            for finding in &mut here {
                finding.bbox = finding.bbox.map(|bbox| bbox.moved(region.left, region.top));
            }
            found.append(&mut here);
        }
        let same_frame = (page.width(), page.height()) == (shown.width(), shown.height());
        let (state, reason) = (leaks::cover_state(uncovered.cover), leaks::cover_reason(uncovered.cover));
        // What is masked on the page as displayed is just what a cover may hide.
        let displayed: Vec<&Finding> = known.iter().filter(|known| known.state == FindingState::Exposed).collect();
        found.retain(|finding| {
            let appears =
                finding.bbox.is_some_and(|bbox| uncovered.changed.iter().any(|&c| !c.intersection(bbox).is_empty()));
            let is_displayed = same_frame
                && uncovered.cover.shows_the_page()
                && displayed.iter().any(|known| {
                    known.kind == finding.kind
                        && known.bbox.zip(finding.bbox).is_some_and(|(known, here)| here.covered_by(known) >= 0.5)
                });
            appears && !is_displayed
        });
        for finding in &mut found {
            // Never painted: the picture of the page as displayed does not have it.
            finding.quad = None;
            if !same_frame || !uncovered.cover.shows_the_page() {
                finding.bbox = None;
            }
            finding.state = state;
            reason.clone_into(&mut finding.reason);
        }
        let is_elsewhere = !same_frame && uncovered.cover.shows_the_page() || uncovered.cover == Cover::PictureParts;
        if is_elsewhere {
            // Places cannot be compared: only more of a kind than the page shows is news.
            let kinds: Vec<_> = found.iter().map(|f| f.kind).collect();
            found.retain(|f| {
                let count = displayed.iter().filter(|known| known.kind == f.kind).count();
                count < kinds.iter().filter(|&&kind| kind == f.kind).count()
            });
        }
        Ok(found)
    }
}

/// Boxes to be read, so that all that appears is in one of them with its surroundings.
fn regions(changed: &[Bbox], page: &Raster) -> Vec<Bbox> {
    let (along, across) = ((CONTEXT_INCHES * page.dpi) as i32, (CONTEXT_INCHES_ACROSS * page.dpi) as i32);
    let apart = Bbox::joined(changed.iter().map(|bbox| bbox.expanded(along, across)).collect());
    let clamped = apart.into_iter().map(|region| region.clamped(page.width(), page.height()));
    clamped.filter(|region| !region.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_far_apart_are_read_apart() {
        let page = Raster::new(image::RgbImage::new(2000, 2000), 100.0);
        let near = [Bbox::from_ltrb(500, 100, 532, 132), Bbox::from_ltrb(600, 100, 632, 132)];
        assert_eq!(regions(&near, &page), [Bbox::from_ltrb(375, 75, 757, 157)]);
        let far = [Bbox::from_ltrb(500, 100, 532, 132), Bbox::from_ltrb(500, 1000, 532, 1032)];
        assert_eq!(regions(&far, &page).len(), 2);
    }
}
