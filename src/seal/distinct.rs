//! Candidates → each seal once: second rings inside, the same ring in another colour's plane, ovals over two rings are dropped.

use super::locate::{Candidate, Outline};
use crate::geometry::Bbox;

/// Share of the smaller one that an arc's ring and a better one have in common at most.
const EXPLAINED: f32 = 0.4;

/// Drops what is the same seal again: a second ring inside, the same ring in another colour's plane.
pub(super) fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    // Of two fits to one ring the one around the star is right.
    let centred = |c: &Candidate| if c.star { 1.2 } else { 1.0 };
    let rank =
        |c: &Candidate| c.coverage * c.coverage * centred(c) * (c.outline.bbox().width().max(1) as f32).powf(0.5);
    candidates.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let bbox = candidate.outline.bbox();
        let again = kept.iter().any(|other| {
            let b = other.outline.bbox();
            let apart = bbox.centre().distance(b.centre());
            b.iou(bbox) > 0.55
                || (apart < 0.3 * b.width().max(b.height()) as f32 && bbox.covered_by(b) > 0.9)
                // Lettering inside a seal makes small rings, too.
                || (bbox.covered_by(b) > 0.8 && 3 * bbox.area() < b.area())
                || (apart < 0.15 * bbox.width().max(bbox.height()) as f32 && b.covered_by(bbox) > 0.9)
        });
        if !again {
            kept.push(candidate);
        }
    }
    // What an arc alone shows is no seal where a better ring explains it.
    let better: Vec<Bbox> = kept.iter().filter(|c| !c.partial).map(|c| c.outline.bbox()).collect();
    kept.retain(|c| {
        let bbox = c.outline.bbox();
        let shared = |b: &Bbox| b.intersection(bbox).area() as f32 / b.area().min(bbox.area()).max(1) as f32;
        !c.partial || better.iter().all(|b| shared(b) < EXPLAINED)
    });
    let bridges: Vec<bool> = kept.iter().map(|candidate| is_bridge(candidate, &kept)).collect();
    let mut bridges = bridges.into_iter();
    kept.retain(|_| !bridges.next().unwrap_or(false));
    kept
}

/// True for an oval that is fitted to the outer sides of two round seals that overlap, or to a part of one.
fn is_bridge(oval: &Candidate, all: &[Candidate]) -> bool {
    let Outline::Ellipse(e) = &oval.outline else { return false };
    let is_round = |c: &&Candidate| match &c.outline {
        Outline::Ellipse(other) => other.minor > 0.9 * other.major && other.major < 0.9 * e.major,
        Outline::Polygon(_) => false,
    };
    let bbox = e.bbox();
    let inside = |c: &&Candidate| c.coverage > 0.6 && c.outline.bbox().covered_by(bbox) > 0.8;
    let is_better = |c: &&Candidate| {
        let b = c.outline.bbox();
        let shared = b.intersection(bbox).area() as f32;
        c.coverage > oval.coverage + 0.15 && shared > 0.5 * b.area().min(bbox.area()) as f32
    };
    if e.minor < 0.88 * e.major && oval.coverage < 0.82 && all.iter().filter(is_round).any(|c| is_better(&c)) {
        return true;
    }
    e.minor < 0.88 * e.major && all.iter().filter(is_round).filter(inside).count() >= 2
}
