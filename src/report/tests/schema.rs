//! As much of JSON Schema 2020-12 as the published schema uses; an unknown keyword fails the test.

use serde_json::Value;

/// A schema with its definitions.
pub(super) struct Schema(pub(super) Value);

impl Schema {
    /// Why a value does not fit; `None` when it does.
    pub(super) fn problem(&self, value: &Value) -> Option<String> {
        self.check(&self.0, value, "").err()
    }

    fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
        for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
            let fits = match keyword.as_str() {
                "$schema" | "title" | "description" | "$defs" => true,
                "$ref" => {
                    let target = wanted.as_str().and_then(|name| name.strip_prefix('#')).expect("a local reference");
                    self.check(self.0.pointer(target).expect("the definition exists"), value, place)?;
                    true
                }
                "oneOf" => {
                    let all = wanted.as_array().expect("a list");
                    let problems: Vec<_> = all.iter().filter_map(|s| self.check(s, value, place).err()).collect();
                    if problems.len() + 1 != all.len() {
                        return Err(format!("{place}: fits not exactly one of: {problems:?}"));
                    }
                    true
                }
                "type" => match wanted.as_array() {
                    Some(names) => names.iter().any(|name| is_a(value, name)),
                    None => is_a(value, wanted),
                },
                "const" => value == wanted,
                "enum" => wanted.as_array().expect("a list").contains(value),
                "minimum" => value.as_f64() >= wanted.as_f64(),
                "maximum" => value.as_f64() <= wanted.as_f64(),
                "minItems" => value.as_array().map(Vec::len) >= wanted.as_u64().map(|n| n as usize),
                "maxItems" => value.as_array().map(Vec::len) <= wanted.as_u64().map(|n| n as usize),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{place}/{index}"))?;
                    }
                    true
                }
                "required" => wanted.as_array().expect("a list").iter().all(|name| has(value, name)),
                "properties" => {
                    for (name, schema) in wanted.as_object().expect("an object") {
                        if let Some(member) = value.get(name) {
                            self.check(schema, member, &format!("{place}/{name}"))?;
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let known = schema.get("properties").and_then(Value::as_object);
                    for (name, member) in value.as_object().into_iter().flatten() {
                        if known.is_some_and(|known| known.contains_key(name)) {
                            continue;
                        }
                        if *wanted == Value::Bool(false) {
                            return Err(format!("{place}: unknown member {name}"));
                        }
                        self.check(wanted, member, &format!("{place}/{name}"))?;
                    }
                    true
                }
                unknown => panic!("the schema uses {unknown}, which this test does not know"),
            };
            if !fits {
                return wrong(keyword);
            }
        }
        Ok(())
    }
}

fn has(value: &Value, name: &Value) -> bool {
    name.as_str().is_some_and(|name| value.get(name).is_some())
}

fn is_a(value: &Value, name: &Value) -> bool {
    match name.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        unknown => panic!("the schema uses type {unknown}, which this test does not know"),
    }
}
