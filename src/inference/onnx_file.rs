//! The bytes of an ONNX file → the same network with its weights declared as constants.
//!
//! Older exporters list every weight among the graph's inputs as well, so that a caller may replace it. A runtime must then
//! not fold a layer's weights into the next one's. The format is protobuf; field numbers are those of `onnx.proto`.

use std::collections::HashSet;

/// `ModelProto.graph`.
const GRAPH: u64 = 7;
/// `GraphProto.initializer`, whose name is `TensorProto.name`.
const INITIALIZER: u64 = 5;
const INITIALIZER_NAME: u64 = 8;
/// `GraphProto.input`, whose name is `ValueInfoProto.name`.
const INPUT: u64 = 11;
const INPUT_NAME: u64 = 1;
/// Protobuf's wire type of strings and messages.
const DELIMITED: u64 = 2;

/// Takes the weights out of the list of the graph's inputs; `None` when the bytes are not an ONNX file.
pub(crate) fn with_constant_weights(onnx: &[u8]) -> Option<Vec<u8>> {
    let mut constant = Vec::with_capacity(onnx.len());
    for field in fields(onnx)? {
        if field.number == GRAPH {
            let graph = graph_with_constant_weights(field.payload)?;
            push_varint(&mut constant, GRAPH << 3 | DELIMITED);
            push_varint(&mut constant, graph.len() as u64);
            constant.extend(graph);
        } else {
            constant.extend_from_slice(field.whole);
        }
    }
    Some(constant)
}

fn graph_with_constant_weights(graph: &[u8]) -> Option<Vec<u8>> {
    let fields = fields(graph)?;
    let initializers = fields.iter().filter(|field| field.number == INITIALIZER);
    let weights: HashSet<&[u8]> = initializers.filter_map(|field| name(field.payload, INITIALIZER_NAME)).collect();
    let is_weight = |field: &Field<'_>| {
        field.number == INPUT && name(field.payload, INPUT_NAME).is_some_and(|name| weights.contains(name))
    };
    Some(fields.iter().filter(|field| !is_weight(field)).flat_map(|field| field.whole).copied().collect())
}

fn name(message: &[u8], number: u64) -> Option<&[u8]> {
    fields(message)?.into_iter().find(|field| field.number == number).map(|field| field.payload)
}

/// A field of a protobuf message.
struct Field<'a> {
    number: u64,
    /// With its tag and length.
    whole: &'a [u8],
    /// Without them.
    payload: &'a [u8],
}

/// `None` when the bytes are not a message.
fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let tag = varint(&mut rest)?;
        let length = match tag & 7 {
            0 => {
                let mut after = rest;
                varint(&mut after)?;
                rest.len() - after.len()
            }
            1 => 8,
            DELIMITED => usize::try_from(varint(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (payload, after) = rest.split_at_checked(length)?;
        fields.push(Field { number: tag >> 3, whole: &start[..start.len() - after.len()], payload });
        rest = after;
    }
    Some(fields)
}

/// Takes a number off the front: seven bits a byte, lowest first, the eighth says that more follow.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimited(number: u64, payload: &[u8]) -> Vec<u8> {
        let mut field = Vec::new();
        push_varint(&mut field, number << 3 | DELIMITED);
        push_varint(&mut field, payload.len() as u64);
        field.extend_from_slice(payload);
        field
    }

    /// A graph with a weight of 300 bytes and the inputs named.
    fn model(inputs: &[&str]) -> Vec<u8> {
        let weight = [delimited(9, &[7; 300]), delimited(INITIALIZER_NAME, b"conv.weight")].concat();
        let mut graph = [delimited(1, b"a node"), delimited(INITIALIZER, &weight)].concat();
        for name in inputs {
            graph.extend(delimited(INPUT, &[delimited(INPUT_NAME, name.as_bytes()), vec![0x10, 0x01]].concat()));
        }
        // The version is a number, not a message.
        [vec![0x08, 0x04], delimited(GRAPH, &graph), delimited(8, b"opset")].concat()
    }

    #[test]
    fn weights_are_no_inputs_and_all_else_stays() {
        assert_eq!(with_constant_weights(&model(&["picture", "conv.weight"])), Some(model(&["picture"])));
        assert_eq!(with_constant_weights(&model(&["picture"])), Some(model(&["picture"])));
    }

    #[test]
    fn other_files_are_told_apart() {
        let whole = model(&["picture"]);
        assert_eq!(with_constant_weights(&whole[..whole.len() - 3]), None);
        assert_eq!(with_constant_weights(b"not a model"), None);
    }
}
