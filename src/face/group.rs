//! Regions → the groups of them that are looked at together, and how thoroughly.

use super::regions::Region;
use super::{FaceFinder, portrait};
use crate::geometry::Bbox;

/// Regions that are looked at together.
pub(super) struct Group {
    pub(super) bbox: Bbox,
    pub(super) members: Vec<Region>,
}

pub(super) fn with_margin(bbox: Bbox, margin: f32) -> Bbox {
    let grown = (bbox.width().max(bbox.height()) as f32 * margin) as i32 + 8;
    bbox.expanded(grown, grown)
}

/// Joins regions whose surroundings overlap by more than a third of the smaller one: head and clothes of
/// one portrait may be apart.
pub(super) fn grouped(regions: &[Region], margin: impl Fn(&Region) -> f32, page: Bbox) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for region in regions {
        let mut bbox = with_margin(region.bbox, margin(region)).intersection(page);
        let mut members = vec![region.clone()];
        while let Some(at) = groups.iter().position(|group| {
            let common = group.bbox.intersection(bbox).area();
            common * 3 > group.bbox.area().min(bbox.area())
        }) {
            let group = groups.swap_remove(at);
            bbox = bbox.union(group.bbox);
            members.extend(group.members);
        }
        groups.push(Group { bbox, members });
    }
    groups
}

impl FaceFinder {
    /// False for a small strip, most likely a word of heavy print on tinted paper, which is looked at once only.
    pub(super) fn may_be_photo(&self, group: &Group, page: Bbox) -> bool {
        let params = &self.params;
        let Some(all) = group.members.iter().map(|region| region.bbox).reduce(Bbox::union) else { return false };
        let (short, long) = (all.width().min(all.height()), all.width().max(all.height()));
        long > params.most_strip
            || short as f32 >= params.portrait.least_aspect * long as f32
            || group.members.iter().any(|region| portrait::has_photo_shape(region, page, &params.portrait))
    }

    /// True for a small picture that fills a frame; one that was pasted in on its side may be of any size and grey.
    pub(super) fn may_lie_on_its_side(&self, group: &Group) -> bool {
        let params = &self.params;
        group.bbox.width().max(group.bbox.height()) <= params.most_turned
            && group.members.iter().any(|region| {
                let (w, h) = (region.bbox.width(), region.bbox.height());
                let (short, long) = (w.min(h), w.max(h));
                !region.few_tones
                    && short > params.least_turned
                    && short as f32 >= params.portrait.least_aspect * long as f32
                    && region.fill >= params.portrait.least_photo_fill
            })
    }
}
