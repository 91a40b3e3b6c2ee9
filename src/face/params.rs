//! How regions are looked at for faces.

use super::{
    CellParams, CompletionParams, CoverParams, DrawnParams, EyeParams, MassParams, PatchParams, PortraitParams,
    RegionParams, SolidParams, StarkParams, ToneParams,
};

/// How regions are looked at.
#[derive(Debug, Clone)]
pub struct FaceParams {
    /// Context around a region, as a share of its longer side: hair and clothes may be the only parts of a
    /// portrait on white that differ from paper.
    pub margin: f32,
    /// The same on one-bit pages, where a face may be as white as the paper between black hair and clothes, and on warm or
    /// shaded paper, where it may be as light.
    pub pale_margin: f32,
    /// Network pixels along the longer side of a region no longer than 420 pixels (an ID photo up to 53 mm
    /// at 200 dpi): its one face is then 60–110 pixels wide, where landmarks are best.
    pub portrait_extent: u32,
    /// The same for larger regions at the first look.
    pub first_extent: u32,
    /// Most network pixels of a second look; 1 Mpx takes about 0.6 s on one thread.
    pub most_pixels: f32,
    /// Largest magnification: a 12-pixel face needs about 14 network pixels.
    pub most_magnified: f32,
    /// Score from which a face that fills its region ends the search there.
    pub sure_score: f32,
    /// Least score of a face narrower than `small_face` network pixels.
    pub least_small_score: f32,
    /// Network pixels under which a face counts as small.
    pub small_face: f32,
    /// Score from which a face says what a photo-shaped region is; weaker ones may be a pattern in a portrait whose face
    /// is covered.
    pub explaining_score: f32,
    /// Least score of a face in a picture that was turned on suspicion.
    pub least_turned_score: f32,
    /// Longer side in page pixels, surroundings included, up to which a picture without a face is looked at in all
    /// four turns: three looks of 10 ms.
    pub most_turned: i32,
    /// Shorter side in page pixels from which it is.
    pub least_turned: i32,
    /// Turn in radians beyond which a face is looked at again upright. CenterFace squeezes the landmarks of turned
    /// faces: one turned by 40° measured 20°.
    pub most_turn: f32,
    /// Network widths of a face between which landmarks are good enough: measured 0.03 eye distances apart
    /// from each other there, 0.15 outside.
    pub good_widths: [f32; 2],
    /// Longer side in page pixels up to which a strip is no picture of several people: a line of heavy print.
    pub most_strip: i32,
    /// Longer side in page pixels, surroundings included, up to which a region is a crumb.
    pub crumb: i32,
    /// Crumbs that are looked at one by one: 4 ms each on one thread.
    pub most_crumbs: usize,
    /// Network pixels of the one look at a page with more crumbs than that; 0.35 s.
    pub crumb_pixels: f32,
    /// Region survey.
    pub regions: RegionParams,
    /// Eye bar.
    pub eyes: EyeParams,
    /// Portraits.
    pub portrait: PortraitParams,
    /// Cells for photos.
    pub cell: CellParams,
    /// Pale and one-bit pages.
    pub tones: ToneParams,
    /// Covers over eyes.
    pub covers: CoverParams,
    /// What is of one colour.
    pub solid: SolidParams,
    /// Pictures in black and white without half tones.
    pub stark: StarkParams,
    /// What in them is ink from edge to edge.
    pub mass: MassParams,
    /// Painted patches.
    pub patches: PatchParams,
    /// Painted faces.
    pub drawn: DrawnParams,
    /// Portraits with a patch over one eye.
    pub completion: CompletionParams,
}

impl Default for FaceParams {
    fn default() -> Self {
        Self {
            margin: 0.15,
            pale_margin: 0.6,
            portrait_extent: 192,
            first_extent: 416,
            most_pixels: 1.0e6,
            most_magnified: 2.5,
            sure_score: 0.7,
            least_small_score: 0.45,
            small_face: 16.0,
            explaining_score: 0.5,
            least_turned_score: 0.6,
            most_turned: 420,
            least_turned: 36,
            most_turn: 0.25,
            good_widths: [24.0, 160.0],
            most_strip: 240,
            crumb: 96,
            most_crumbs: 12,
            crumb_pixels: 0.7e6,
            regions: RegionParams::default(),
            eyes: EyeParams::default(),
            portrait: PortraitParams::default(),
            cell: CellParams::default(),
            tones: ToneParams::default(),
            covers: CoverParams::default(),
            solid: SolidParams::default(),
            stark: StarkParams::default(),
            mass: MassParams::default(),
            patches: PatchParams::default(),
            drawn: DrawnParams::default(),
            completion: CompletionParams::default(),
        }
    }
}
