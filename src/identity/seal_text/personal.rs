//! A personal seal's lettering → whether it is the applicant's name.

use super::slots::Slot;
use super::{Extent, SealMatch};
use crate::identity::Kind;
use crate::identity::variants::Keyword;

/// What personal seals say beside the name.
pub(crate) const NAME_SEAL_WORDS: [char; 5] = ['印', '之', '章', '信', '私'];
/// Characters from which a name stands for itself though 印 beside it is misread: two begin other names.
const LONG_ENOUGH: usize = 3;
/// Letters beside the name that may be misread 印 or 之印.
const MOST_MISREAD: usize = 2;

/// A personal seal holds the name alone (and 印, 之印), in reading order or from right to left.
pub(super) fn name_match(keyword: &Keyword, row: &[&Slot]) -> Option<SealMatch> {
    let length = keyword.chars.len();
    let letters: Vec<&&Slot> = row.iter().filter(|slot| !NAME_SEAL_WORDS.contains(&slot.best)).collect();
    // Two columns read right to left, row by row: 伟张 / 印.
    let reversed: Vec<&&Slot> = letters.iter().rev().copied().collect();
    let fits = |letters: &[&&Slot]| {
        letters.len() == length && letters.iter().zip(&keyword.chars).all(|(slot, &c)| slot.may_be(c))
    };
    // 2 × 2 and columns may be set from either side: 云帆 / 上官.
    let is_turned = length >= LONG_ENOUGH
        && letters.len() == length
        && (1..length).any(|by| {
            let turned = letters.iter().cycle().skip(by);
            turned.zip(&keyword.chars).all(|(slot, &c)| slot.best == c)
        });
    let is_whole = fits(&letters) || fits(&reversed) || is_turned;
    let is_clear = |letters: &[&&Slot]| {
        letters.windows(length).any(|w| w.iter().zip(&keyword.chars).all(|(slot, &c)| slot.best == c && slot.clear))
    };
    let stands_out =
        length >= LONG_ENOUGH && letters.len() <= length + MOST_MISREAD && (is_clear(&letters) || is_clear(&reversed));
    if !is_whole && !stands_out {
        return None;
    }
    let exact = stands_out || letters.iter().all(|slot| keyword.chars.contains(&slot.best));
    Some(SealMatch {
        kind: Kind::Name,
        keyword: keyword.source.clone(),
        ratio: 1.0,
        read: row.iter().map(|slot| slot.best).collect(),
        own: exact,
        one_alike: false,
        contradicted: false,
        extent: Extent::Whole,
    })
}
