//! A content stream → the same painting without what is not seen: comments, marked-content tags (with their
//! replacement texts) and invisible text; and the names of the resources that it uses.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::Object;
use lopdf::content::{Content, Operation};

use super::keep::FlattenReason;

/// A content stream rewritten.
pub(super) struct CleanContent {
    pub(super) bytes: Vec<u8>,
    /// Category and name, such as `Font` and `F1`.
    pub(super) used: BTreeSet<(&'static str, Vec<u8>)>,
    /// Names of XObjects that are drawn while text is set to be invisible.
    pub(super) drawn_invisibly: BTreeSet<Vec<u8>>,
    /// The strings shown, by the name of their font; `None` for a font set elsewhere.
    pub(super) shown: BTreeMap<Option<Vec<u8>>, Vec<Vec<u8>>>,
}

/// Text render modes (ISO 32000-1 table 106).
const INVISIBLE: i64 = 3;
const CLIP_ONLY: i64 = 7;

/// Rewrites a decoded content stream.
///
/// # Errors
/// [`FlattenReason`] when it cannot be read reliably, or when what is not seen cannot be taken out without
/// moving what is.
pub(super) fn cleaned(bytes: &[u8]) -> Result<CleanContent, FlattenReason> {
    let content = Content::decode_strict(bytes).map_err(|_| FlattenReason::UnreadableContent)?;
    let mut kept = Vec::with_capacity(content.operations.len());
    let mut used = BTreeSet::new();
    let mut drawn_invisibly = BTreeSet::new();
    let mut text = TextState::default();
    for operation in content.operations {
        if let Some(category) = resource_category(&operation.operator)
            && let Some(Object::Name(name)) = operation.operands.iter().rfind(|operand| operand.as_name().is_ok())
        {
            used.insert((category, name.clone()));
            if category == "XObject" && text.mode != 0 {
                drawn_invisibly.insert(name.clone());
            }
        }
        match operation.operator.as_str() {
            "BDC" | "BMC" if operation.operands.first().is_some_and(|tag| tag.as_name().ok() == Some(b"OC")) => {
                return Err(FlattenReason::OptionalContent);
            }
            "BMC" | "BDC" | "EMC" | "MP" | "DP" => {}
            // lopdf reads past inline images with filters.
            "BI" if operation.operands.is_empty() => return Err(FlattenReason::UnreadableContent),
            _ => text.follow(operation, &mut kept)?,
        }
    }
    let bytes = Content { operations: kept }.encode().map_err(|_| FlattenReason::UnreadableContent)?;
    Ok(CleanContent { bytes, used, drawn_invisibly, shown: text.strings })
}

fn resource_category(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "Tf" => "Font",
        "Do" => "XObject",
        "gs" => "ExtGState",
        "cs" | "CS" => "ColorSpace",
        "scn" | "SCN" => "Pattern",
        "sh" => "Shading",
        _ => return None,
    })
}

/// What decides whether text is seen.
#[derive(Default)]
struct TextState {
    mode: i64,
    font: Option<Vec<u8>>,
    saved: Vec<(i64, Option<Vec<u8>>)>,
    strings: BTreeMap<Option<Vec<u8>>, Vec<Vec<u8>>>,
    /// Whether the current text object has shown visible text, and invisible text.
    shown: (bool, bool),
}

impl TextState {
    /// Keeps the operation unless it shows invisible text.
    fn follow(&mut self, operation: Operation, kept: &mut Vec<Operation>) -> Result<(), FlattenReason> {
        match operation.operator.as_str() {
            "q" => self.saved.push((self.mode, self.font.clone())),
            "Q" => {
                if let Some((mode, font)) = self.saved.pop() {
                    (self.mode, self.font) = (mode, font);
                }
            }
            "Tf" => self.font = operation.operands.first().and_then(|name| name.as_name().ok()).map(<[u8]>::to_vec),
            "BT" => self.shown = (false, false),
            "Tr" => {
                self.mode = operation
                    .operands
                    .first()
                    .and_then(|mode| mode.as_float().ok())
                    .ok_or(FlattenReason::UnreadableContent)? as i64;
            }
            "Tj" | "TJ" | "'" | "\"" => match self.mode {
                CLIP_ONLY => return Err(FlattenReason::HiddenText),
                INVISIBLE => {
                    self.shown.1 = true;
                    // Text that is shown next starts where this one ends, which only the font tells.
                    return if self.shown.0 { Err(FlattenReason::HiddenText) } else { Ok(()) };
                }
                _ => {
                    self.shown.0 = true;
                    if self.shown.1 {
                        return Err(FlattenReason::HiddenText);
                    }
                    let shown = operation.operands.iter().flat_map(|operand| match operand {
                        Object::Array(items) => items.iter().collect(),
                        single => vec![single],
                    });
                    let strings = shown.filter_map(|object| object.as_str().ok().map(<[u8]>::to_vec));
                    self.strings.entry(self.font.clone()).or_default().extend(strings);
                }
            },
            _ => {}
        }
        kept.push(operation);
        Ok(())
    }
}
