use std::fmt::Write as _;
use std::sync::Arc;

use image::{Rgb, RgbImage};

use super::*;
use crate::geometry::Quad;
use crate::identity::{Applicant, Identity, Kind};
use crate::ocr::TextLine;
use crate::ocr::lattice::{Alphabet, Lattice};
use crate::raster::Raster;
use crate::report::FindingState;

const SIZE: i32 = 32;
const ROW: i32 = 100;

/// A page with grain, and a generator for it: the same page every time.
struct Sheet {
    pixels: RgbImage,
    lines: Vec<TextLine>,
    state: u32,
}

impl Sheet {
    fn new() -> Self {
        let mut sheet =
            Self { pixels: RgbImage::from_pixel(1200, 700, Rgb([244, 243, 240])), lines: Vec::new(), state: 7 };
        for i in 0..10 {
            sheet.write(ROW + 50 * i, 100, "姓名:张伟民工作单位:天山草业科技有限公司");
        }
        sheet
    }

    fn random(&mut self) -> u32 {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.state >> 16
    }

    fn fill(&mut self, bbox: Bbox, ink: [u8; 3]) {
        for y in bbox.top..bbox.bottom {
            for x in bbox.left..bbox.right {
                self.pixels.put_pixel(x as u32, y as u32, Rgb(ink));
            }
        }
    }

    /// Strokes in the place of each character, and a lattice that reads the text.
    fn write(&mut self, top: i32, left: i32, text: &str) {
        self.strokes(top, left, text.chars().count() as i32, [30, 30, 30]);
        self.lines.push(line(top, left, text));
    }

    fn strokes(&mut self, top: i32, left: i32, count: i32, ink: [u8; 3]) {
        for i in 0..count {
            let x = left + i * SIZE;
            for _ in 0..5 {
                let (dx, dy) = ((self.random() % 24) as i32, (self.random() % 24) as i32);
                self.fill(Bbox::from_ltrb(x + 2, top + 2 + dy, x + 28, top + 5 + dy), ink);
                self.fill(Bbox::from_ltrb(x + 2 + dx, top + 2, x + 5 + dx, top + 30), ink);
            }
        }
    }

    /// The name in the third line is not read.
    fn unread_name(&mut self) {
        self.lines[2] = line(ROW + 100, 100, "姓名:   工作单位:天山草业科技有限公司");
    }

    fn grain(&mut self) {
        for i in 0..(self.pixels.width() * self.pixels.height()) {
            let n = (self.random() % 9) as i16 - 4;
            let p = self.pixels.get_pixel_mut(i % 1200, i / 1200);
            p.0 = p.0.map(|c| (i16::from(c) + n).clamp(0, 255) as u8);
        }
    }

    fn found(&self) -> Vec<FoundMark> {
        let page = Raster::new(self.pixels.clone(), 200.0);
        let found = find(&page, &self.lines, &Places::default(), &MarkParams::default());
        // What may as well be a bullet counts only beside a part of the name, what is illegible only where a name belongs.
        found.into_iter().filter(|mark| (!mark.slight || mark.colour.is_some()) && !mark.illegible).collect()
    }

    fn assessed(&self, mark: &FoundMark) -> Assessment {
        let page = Raster::new(self.pixels.clone(), 200.0);
        let identity =
            Identity::new(&Applicant::new("张伟民", "天山草业科技有限公司").expect("a proper applicant"), &[]);
        assess(mark, &page, &self.lines, &identity, None).expect("no model is run").expect("it covers text")
    }
}

fn line(top: i32, left: i32, text: &str) -> TextLine {
    let alphabet =
        Arc::new(Alphabet::from_lines("姓\n名\n:\n张\n伟\n民\n工\n作\n单\n位\n天\n山\n草\n业\n科\n技\n有\n限\n公\n司"));
    let width = alphabet.len();
    let mut posteriors = Vec::new();
    for c in text.chars() {
        for frame in 0..4 {
            let mut row = vec![1e-6; width];
            let symbol = alphabet.symbol(c).map_or(0, usize::from);
            row[if frame == 0 { 0 } else { symbol }] = 1.0;
            posteriors.extend(row);
        }
    }
    let right = left + SIZE * text.chars().count() as i32;
    TextLine {
        quad: Quad::from_bbox(Bbox::from_ltrb(left, top, right, top + SIZE)),
        lattice: Lattice::from_posteriors(&alphabet, &posteriors),
    }
}

/// Where 张伟民 stands in the third line.
fn name_place() -> Bbox {
    Bbox::from_ltrb(100 + 3 * SIZE, ROW + 100 - 2, 100 + 6 * SIZE, ROW + 100 + SIZE + 2)
}

fn mosaic(sheet: &mut Sheet, at: Bbox, block: i32) {
    for top in (at.top..at.bottom).step_by(block as usize) {
        for left in (at.left..at.right).step_by(block as usize) {
            let cell = Bbox::from_ltrb(left, top, left + block, top + block).intersection(at);
            let mut sums = [0u32; 3];
            for y in cell.top..cell.bottom {
                for x in cell.left..cell.right {
                    let p = sheet.pixels.get_pixel(x as u32, y as u32).0;
                    (0..3).for_each(|c| sums[c] += u32::from(p[c]));
                }
            }
            sheet.fill(cell, sums.map(|s| (s / cell.area() as u32) as u8));
        }
    }
}

fn blur(sheet: &mut Sheet, at: Bbox, radius: i32) {
    for _ in 0..2 {
        let source = sheet.pixels.clone();
        for y in at.top..at.bottom {
            for x in at.left..at.right {
                let mut sums = [0u32; 3];
                for dy in -radius..=radius {
                    for dx in -radius..=radius {
                        let p = source.get_pixel((x + dx) as u32, (y + dy) as u32).0;
                        (0..3).for_each(|c| sums[c] += u32::from(p[c]));
                    }
                }
                let count = ((2 * radius + 1) * (2 * radius + 1)) as u32;
                sheet.pixels.put_pixel(x as u32, y as u32, Rgb(sums.map(|s| (s / count) as u8)));
            }
        }
    }
}

fn veil(sheet: &mut Sheet, at: Bbox, ink: [u8; 3], opacity: f32) {
    for y in at.top..at.bottom {
        for x in at.left..at.right {
            let p = sheet.pixels.get_pixel_mut(x as u32, y as u32);
            for (c, ink) in p.0.iter_mut().zip(ink) {
                *c = (f32::from(*c) * (1.0 - opacity) + f32::from(ink) * opacity) as u8;
            }
        }
    }
}

#[test]
fn covers_are_told_apart_and_ordinary_things_are_none() {
    type Case = (&'static str, fn(&mut Sheet), Option<MarkStyle>);
    let cases: [Case; 22] = [
        ("untouched", |_| {}, None),
        ("black block", |s| s.fill(name_place(), [0, 0, 0]), Some(MarkStyle::Solid)),
        ("red block", |s| s.fill(name_place(), [200, 20, 20]), Some(MarkStyle::Solid)),
        ("grey block", |s| s.fill(name_place(), [128, 128, 128]), Some(MarkStyle::Solid)),
        ("white block on grain", |s| s.fill(name_place(), [255, 255, 255]), Some(MarkStyle::Solid)),
        ("block over two lines' height", |s| s.fill(name_place().expanded(0, 20), [0, 0, 0]), Some(MarkStyle::Solid)),
        (
            "block of a colour gradient",
            |s| {
                let place = name_place();
                for x in place.left..place.right {
                    let shade = ((x - place.left) * 90 / place.width()) as u8;
                    s.fill(Bbox::from_ltrb(x, place.top, x + 1, place.bottom), [shade; 3]);
                }
            },
            Some(MarkStyle::Solid),
        ),
        ("mosaic of 6", |s| mosaic(s, name_place(), 6), Some(MarkStyle::Mosaic)),
        ("mosaic of 8", |s| mosaic(s, name_place(), 8), Some(MarkStyle::Mosaic)),
        ("mosaic of 12", |s| mosaic(s, name_place(), 12), Some(MarkStyle::Mosaic)),
        ("blur of 4", |s| blur(s, name_place(), 4), Some(MarkStyle::Blur)),
        ("blur of 7", |s| blur(s, name_place(), 7), Some(MarkStyle::Blur)),
        ("black at 70 %", |s| veil(s, name_place(), [0, 0, 0], 0.7), Some(MarkStyle::Translucent)),
        ("white at 70 %", |s| veil(s, name_place(), [255, 255, 255], 0.7), Some(MarkStyle::Translucent)),
        (
            "shadow at the lines' ends",
            |s| {
                for y in 0..700 {
                    for x in 780..1200 {
                        let shade = 1.0 - 0.45 * ((x - 780) as f32 / 200.0).min(1.0);
                        let p = s.pixels.get_pixel_mut(x, y);
                        p.0 = p.0.map(|c| (f32::from(c) * shade) as u8);
                    }
                }
            },
            None,
        ),
        ("yellow marker", |s| veil(s, name_place(), [255, 230, 60], 0.3), None),
        ("shaded cell", |s| veil(s, Bbox::from_ltrb(90, 195, 800, 237), [190, 200, 210], 0.4), None),
        (
            "rules",
            |s| {
                s.fill(Bbox::from_ltrb(90, 192, 1100, 195), [0, 0, 0]);
                s.fill(Bbox::from_ltrb(90, 236, 1100, 239), [0, 0, 0]);
                s.fill(Bbox::from_ltrb(700, 192, 703, 239), [0, 0, 0]);
            },
            None,
        ),
        (
            "white print on a black header",
            |s| {
                s.fill(Bbox::from_ltrb(60, 192, 1140, 240), [10, 10, 10]);
                s.strokes(200, 100, 20, [250, 250, 250]);
            },
            None,
        ),
        ("bullet", |s| s.fill(Bbox::from_ltrb(64, 204, 92, 230), [0, 0, 0]), None),
        (
            "bar code",
            |s| {
                for i in 0..60 {
                    if i % 3 != 1 {
                        s.fill(Bbox::from_ltrb(800 + i * 4, 190, 802 + i * 4, 240), [0, 0, 0]);
                    }
                }
            },
            None,
        ),
        (
            "dark picture",
            |s| {
                for y in 150..650 {
                    for x in 900..1190 {
                        let v = (20 + (x * 7 + y * 13) % 30) as u8;
                        s.pixels.put_pixel(x, y, Rgb([v, v, v]));
                    }
                }
            },
            None,
        ),
    ];
    let mut table = String::new();
    let mut wrong = 0;
    for grainy in [true, false] {
        for (name, paint, expected) in &cases {
            if !grainy && name.contains("grain") {
                continue;
            }
            let mut sheet = Sheet::new();
            if grainy {
                sheet.grain();
            }
            paint(&mut sheet);
            if expected.is_some() {
                sheet.unread_name();
            }
            let found: Vec<_> = sheet.found().into_iter().filter(|mark| !mark.slight).collect();
            let right = match expected {
                None => found.is_empty(),
                Some(style) => found.len() == 1 && found[0].style == *style && found[0].bbox.iou(name_place()) > 0.45,
            };
            wrong += usize::from(!right);
            let got: Vec<_> = found.iter().map(|m| (m.style, m.bbox)).collect();
            let _ = writeln!(table, "{} {name}: expected {expected:?}, got {got:?}", if right { "ok " } else { "BAD" });
        }
    }
    assert_eq!(wrong, 0, "\n{table}");
}

#[test]
fn a_mosaics_block_is_measured() {
    let mut sheet = Sheet::new();
    sheet.grain();
    mosaic(&mut sheet, name_place(), 8);
    sheet.unread_name();
    let found = sheet.found();
    assert_eq!(found.first().and_then(|m| m.block), Some(8), "{found:?}");
}

#[test]
fn what_a_cover_leaves_decides_its_state() {
    let cover = |from: i32, to: i32| {
        let mut sheet = Sheet::new();
        let place = name_place();
        sheet.fill(Bbox::from_ltrb(100 + from * SIZE, place.top, 100 + to * SIZE, place.bottom), [0, 0, 0]);
        let left: String = "姓名:张伟民工作单位:天山草业科技有限公司"
            .chars()
            .enumerate()
            .map(|(i, c)| if (from..to).contains(&(i as i32)) { ' ' } else { c })
            .collect();
        sheet.lines[2] = line(ROW + 100, 100, &left);
        let found = sheet.found();
        assert_eq!(found.len(), 1, "{found:?}");
        sheet.assessed(&found[0])
    };
    let whole = cover(3, 6);
    assert_eq!((whole.state, whole.kind), (FindingState::Masked, Some(Kind::Name)));
    let two_left = cover(4, 6);
    assert_eq!((two_left.state, two_left.kind), (FindingState::Exposed, Some(Kind::Name)), "one of three is left");
    assert!(!two_left.certain, "for a person to judge");
    let one_covered = cover(5, 6);
    assert_eq!(
        (one_covered.state, one_covered.kind),
        (FindingState::Exposed, Some(Kind::Name)),
        "two of three are left"
    );
    assert!(one_covered.certain);
    let half = cover(15, 21);
    assert_eq!((half.state, half.certain), (FindingState::Exposed, false), "four of ten are left");
    let unit = cover(11, 21);
    assert_eq!((unit.state, unit.kind), (FindingState::Masked, Some(Kind::Unit)));
    let unit_end = cover(11, 14);
    assert!(unit_end.certain);
    assert_eq!((unit_end.state, unit_end.kind), (FindingState::Exposed, Some(Kind::Unit)), "seven of ten are left");
}

#[test]
fn a_blot_of_one_character_beside_a_character_that_the_unit_has_too_hides_nothing_of_it() {
    let mut sheet = Sheet::new();
    sheet.lines[2] = line(ROW + 100, 100, "工作 技有单位");
    let page = Raster::new(sheet.pixels.clone(), 200.0);
    let identity = Identity::new(&Applicant::new("张伟民", "天山草业科技").expect("a proper applicant"), &[]);
    let place = Bbox::from_ltrb(100 + 2 * SIZE, ROW + 100, 100 + 3 * SIZE, ROW + 100 + SIZE);
    let assessed = |slight: bool| {
        let mark = FoundMark { slight, ..FoundMark::new(place, MarkStyle::Solid, Hides::Line(2)) };
        assess(&mark, &page, &sheet.lines, &identity, None).expect("no model is run")
    };
    assert_eq!(assessed(true), None);
}

#[test]
fn a_block_over_a_face_is_found_and_dark_hair_is_not_one() {
    let mut sheet = Sheet::new();
    let face = Bbox::from_ltrb(700, 400, 800, 520);
    let head = face.expanded(20, 40);
    for y in head.top..head.bottom {
        for x in head.left..head.right {
            let shade = ((x * 7 + y * 13) % 60) as u8;
            sheet.fill(Bbox::from_ltrb(x, y, x + 1, y + 1), [190 - shade, 150 - shade, 130 - shade]);
        }
    }
    // Hair of one colour, round as it is.
    for y in 330..430i32 {
        let half = f64::from(90 * 90 - (y - 420) * (y - 420)).max(0.0).sqrt() as i32;
        sheet.fill(Bbox::from_ltrb(750 - half, y, 750 + half, y + 1), [20, 18, 16]);
    }
    let page = |sheet: &Sheet| Raster::new(sheet.pixels.clone(), 200.0);
    let places = Places { faces: &[face], ..Places::default() };
    assert!(find(&page(&sheet), &[], &places, &MarkParams::default()).is_empty());
    let bar = Bbox::from_ltrb(712, 440, 790, 470);
    sheet.fill(bar, [0, 0, 0]);
    let found = find(&page(&sheet), &[], &places, &MarkParams::default());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].hides == Hides::Face && found[0].bbox.iou(bar) > 0.9, "{found:?}");
}

#[test]
fn pale_blocks_as_large_as_a_character_are_a_mosaic_and_one_pale_patch_is_none() {
    let name = name_place();
    for (shades, wanted) in [([216, 190, 224, 204, 180], true), ([205; 5], false)] {
        let mut sheet = Sheet::new();
        sheet.unread_name();
        for (block, shade) in (0..).zip(shades) {
            let left = name.left - 4 + 22 * block;
            sheet.fill(Bbox::from_ltrb(left, name.top - 4, left + 22, name.bottom + 4), [shade; 3]);
        }
        sheet.grain();
        let found = sheet.found();
        let mosaic = found.iter().find(|mark| mark.style == MarkStyle::Mosaic);
        assert_eq!(mosaic.is_some(), wanted, "{found:?}");
        assert!(mosaic.is_none_or(|mark| mark.bbox.iou(name) > 0.5), "{found:?}");
    }
}

#[test]
fn a_mosaic_with_blocks_as_large_as_a_character_hides_it_and_a_finer_one_does_not() {
    for (block, state) in [(30, FindingState::Masked), (36, FindingState::Masked), (14, FindingState::WeakMask)] {
        let mut sheet = Sheet::new();
        sheet.unread_name();
        mosaic(&mut sheet, name_place(), block);
        let mark = FoundMark::new(name_place(), MarkStyle::Mosaic, Hides::Line(2));
        let assessed = sheet.assessed(&FoundMark { block: Some(block as u32), ..mark });
        assert_eq!((assessed.state, assessed.kind), (state, Some(Kind::Name)), "{block}");
        // Policies accept blocks of one colour, and this hides as much.
        assert_eq!(assessed.style == MarkStyle::Solid, state == FindingState::Masked, "{block}");
    }
}

#[test]
fn a_unit_with_both_ends_covered_has_its_covers_marked_where_nothing_else_shows_them() {
    let mut sheet = Sheet::new();
    sheet.lines[2] = line(ROW + 100, 100, "姓名:张伟民工作 山草业科技有   单位");
    let page = Raster::new(sheet.pixels.clone(), 200.0);
    let places = Places { unit: "天山草业科技有限公司", ..Places::default() };
    let found = find(&page, &sheet.lines, &places, &MarkParams::default());
    let linked: Vec<&FoundMark> = found.iter().filter(|mark| mark.next.is_some()).collect();
    assert_eq!(linked.len(), 1, "{found:?}");
    let next = linked[0].next.expect("it is linked");
    assert!(linked[0].bbox.right <= 100 + 10 * SIZE && next.left >= 100 + 14 * SIZE, "{linked:?}");
}

/// A page that went through a copier or a phone: soft, and with strong grain.
fn copied(sheet: &mut Sheet) {
    let source = sheet.pixels.clone();
    for y in 1..sheet.pixels.height() - 1 {
        for x in 1..sheet.pixels.width() - 1 {
            let near = (0..9).map(|i| u32::from(source.get_pixel(x + i % 3 - 1, y + i / 3 - 1).0[0]));
            let grain = (sheet.random() % 31) as i32 - 15;
            let value = (near.sum::<u32>() / 9) as i32 + grain;
            sheet.pixels.put_pixel(x, y, Rgb([value.clamp(0, 255) as u8; 3]));
        }
    }
}

#[test]
fn a_mosaic_that_went_through_a_copier_is_weak_and_print_in_a_shadow_is_none() {
    for block in [12, 13, 14] {
        let mut sheet = Sheet::new();
        sheet.unread_name();
        mosaic(&mut sheet, name_place().expanded(3, 1), block);
        copied(&mut sheet);
        let found = sheet.found();
        let weak = |mark: &FoundMark| matches!(mark.style, MarkStyle::Mosaic | MarkStyle::Blur);
        assert!(found.iter().any(|mark| weak(mark) && mark.bbox.iou(name_place()) > 0.5), "{block}: {found:?}");
    }
    let mut sheet = Sheet::new();
    for (x, _, pixel) in sheet.pixels.enumerate_pixels_mut() {
        let light = 1.0 - 0.35 * (x.clamp(500, 700) - 500) as f32 / 200.0;
        pixel.0 = pixel.0.map(|c| (f32::from(c) * light) as u8);
    }
    copied(&mut sheet);
    let covers: Vec<FoundMark> = sheet.found().into_iter().filter(|mark| !mark.slight).collect();
    assert_eq!(covers, []);
}

#[test]
fn a_block_on_a_line_of_its_own_is_found_and_characters_that_it_cuts_are_for_a_person() {
    let covered = |from: i32| {
        let mut sheet = Sheet::new();
        let top = ROW - 70;
        sheet.strokes(top, 300, 3, [30; 3]);
        sheet.fill(Bbox::from_ltrb(294, top + from, 300 + 3 * SIZE + 6, top + SIZE + 4), [0; 3]);
        let found = sheet.found();
        assert!(matches!(found.as_slice(), [FoundMark { hides: Hides::OwnLine(_), .. }]), "{found:?}");
        sheet.assessed(&found[0])
    };
    let whole = covered(-4);
    assert_eq!((whole.state, whole.certain), (FindingState::Masked, false), "nothing tells what it hides");
    let cut = covered(14);
    assert_eq!((cut.state, cut.certain), (FindingState::Exposed, false));
    assert!(cut.bbox.top >= ROW - 70 && cut.bbox.bottom <= ROW - 70 + 14, "{:?}", cut.bbox);
}
