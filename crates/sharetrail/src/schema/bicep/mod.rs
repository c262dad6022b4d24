//! Bicep of our templates. A test only: what it writes is in `deploy/azure`, beside the template that it is made of.
//!
//! It knows what our templates use and panics at anything else; Microsoft's own decompiler is not needed to build sharetrail.
//! Source: Microsoft, "Bicep file structure and syntax".

mod expression;

use indexmap::IndexMap;

use self::expression::{Expression, Symbols, escaped};
use super::Json;

/// A line holds an object up to this width, if there are no others inside.
const WIDTH: usize = 160;

/// The template as Bicep; `origin` is the name of its file.
pub(super) fn bicep(template: &Json, origin: &str) -> String {
    let mut resources = Resources::of(template);
    let mut parts = vec![format!(
        "// Made from {origin} by a test of sharetrail, which holds the two to each other. Change {origin}."
    )];
    parts.push(format!("metadata description = {}", text(template["metadata"]["description"].as_text())));
    parts.extend(entries(&template["parameters"]).map(|(name, value)| parameter(name, value, &mut resources)));
    for (name, value) in entries(&template["variables"]) {
        parts.push(format!("var {name} = {}", written(value, 0, &mut resources)));
    }
    let declared: Vec<String> = list(&template["resources"]).iter().map(|one| resource(one, &mut resources)).collect();
    let outputs: Vec<String> =
        entries(&template["outputs"]).map(|(name, value)| output(name, value, &mut resources)).collect();
    // What was met on the way and is not of this template.
    parts.extend(resources.existing.values().cloned());
    parts.extend(declared);
    parts.extend(outputs);
    parts.join("\n\n") + "\n"
}

/// The resources of a template, and others that it mentions.
struct Resources {
    /// Symbol by type and name.
    symbols: Vec<(String, String, String)>,
    /// Declarations of what is there already, by symbol.
    existing: IndexMap<String, String>,
}

impl Resources {
    fn of(template: &Json) -> Self {
        let mut resources = Self { symbols: Vec::new(), existing: IndexMap::new() };
        for one in list(&template["resources"]) {
            let kind = one["type"].as_text();
            let name = within_text(&one["name"], &mut resources);
            let base = base_of(kind);
            let symbol = if resources.symbols.iter().any(|(_, _, symbol)| symbol.starts_with(&base)) {
                let number = resources.symbols.iter().filter(|(other, ..)| other == kind).count() + 1;
                format!("{base}{number}")
            } else {
                base
            };
            resources.symbols.push((kind.to_owned(), name, symbol));
        }
        resources
    }
}

impl Symbols for Resources {
    fn symbol(&mut self, kind: &str, name: &str, version: Option<&str>) -> Option<String> {
        if let Some((.., symbol)) = self.symbols.iter().find(|(other, called, _)| other == kind && called == name) {
            return Some(symbol.clone());
        }
        let (symbol, version) = (base_of(kind), version?);
        let name = name.strip_prefix("${").and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let declaration = format!("resource {symbol} '{kind}@{version}' existing = {{\n  name: {name}\n}}");
        self.existing.insert(symbol.clone(), declaration);
        Some(symbol)
    }
}

/// `dataCollectionRule` of `Microsoft.Insights/dataCollectionRules`.
fn base_of(kind: &str) -> String {
    let last = kind.rsplit('/').next().unwrap_or(kind);
    match last.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => last.strip_suffix('s').unwrap_or(last).to_owned(),
    }
}

fn parameter(name: &str, value: &Json, resources: &mut Resources) -> String {
    let mut lines = Vec::new();
    let kind = match value["type"].as_text() {
        "securestring" => {
            lines.push("@secure()".to_owned());
            "string"
        }
        other => other,
    };
    for key in ["minLength", "maxLength", "minValue", "maxValue"] {
        if let Json::Integer(number) = value[key] {
            lines.push(format!("@{key}({number})"));
        }
    }
    if let Json::List(allowed) = &value["allowedValues"] {
        let allowed: Vec<String> = allowed.iter().map(|one| format!("  {}", written(one, 2, resources))).collect();
        lines.push(format!("@allowed([\n{}\n])", allowed.join("\n")));
    }
    lines.push(format!("@description({})", text(value["metadata"]["description"].as_text())));
    let default = match &value["defaultValue"] {
        Json::Null => String::new(),
        default => format!(" = {}", written(default, 0, resources)),
    };
    lines.push(format!("param {name} {kind}{default}"));
    lines.join("\n")
}

fn resource(value: &Json, resources: &mut Resources) -> String {
    let kind = value["type"].as_text();
    let name = within_text(&value["name"], resources);
    let symbol = resources.symbol(kind, &name, None).unwrap_or_default();
    let condition = match &value["condition"] {
        Json::Null => String::new(),
        condition => format!("if ({}) ", written(condition, 0, resources)),
    };
    let mut body = Vec::new();
    for (key, inner) in entries(value) {
        match key.as_str() {
            "comments" | "condition" | "type" | "apiVersion" | "dependsOn" => {}
            "scope" => body.push(format!("  scope: {}", symbol_of(inner, resources))),
            key => body.push(format!("  {key}: {}", written(inner, 2, resources))),
        }
    }
    let so_far = body.join("\n");
    let needed: Vec<String> = list(&value["dependsOn"])
        .iter()
        .map(|one| symbol_of(one, resources))
        .filter(|symbol| !mentions(&so_far, symbol))
        .collect();
    if !needed.is_empty() {
        body.push(format!("  dependsOn: [\n    {}\n  ]", needed.join("\n    ")));
    }
    format!(
        "// {}\nresource {symbol} '{kind}@{}' = {condition}{{\n{}\n}}",
        value["comments"].as_text(),
        value["apiVersion"].as_text(),
        body.join("\n")
    )
}

/// Whether a body depends on a resource already by what it says.
fn mentions(body: &str, symbol: &str) -> bool {
    body.lines().any(|line| line == format!("  scope: {symbol}"))
        || [format!(" {symbol}."), format!("({symbol}."), format!("{{{symbol}.")].iter().any(|used| body.contains(used))
}

/// The symbol that `[resourceId(…)]` means.
fn symbol_of(value: &Json, resources: &mut Resources) -> String {
    let id = written(value, 0, resources);
    match id.strip_suffix(".id") {
        Some(symbol) => symbol.to_owned(),
        None => panic!("{id} is no resource of the template"),
    }
}

fn output(name: &str, value: &Json, resources: &mut Resources) -> String {
    format!(
        "@description({})\noutput {name} {} = {}",
        text(value["metadata"]["description"].as_text()),
        value["type"].as_text(),
        written(&value["value"], 0, resources)
    )
}

/// A value as Bicep writes it.
fn written(value: &Json, indent: usize, resources: &mut Resources) -> String {
    let inner = " ".repeat(indent + 2);
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        Json::Text(_) => expression(value).bicep(resources),
        Json::List(values) if values.is_empty() => "[]".to_owned(),
        Json::List(values) => {
            let values: Vec<String> =
                values.iter().map(|value| format!("{inner}{}\n", written(value, indent + 2, resources))).collect();
            format!("[\n{}{}]", values.concat(), " ".repeat(indent))
        }
        Json::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Json::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}: {}", key(name, resources), written(value, indent + 2, resources)))
                .collect();
            let line = format!("{{ {} }}", entries.join(", "));
            if indent > 2
                && line.len() + indent <= WIDTH
                && !line.contains(['\n', '['])
                && line.matches('{').count() == 1
            {
                return line;
            }
            let lines: Vec<String> = entries.iter().map(|entry| format!("{inner}{entry}\n")).collect();
            format!("{{\n{}{}}}", lines.concat(), " ".repeat(indent))
        }
    }
}

/// A key: plain, in quotes, or made by an expression.
fn key(name: &str, resources: &mut Resources) -> String {
    let is_plain = name.chars().all(|character| character.is_alphanumeric() || character == '_');
    match expression(&Json::text(name)) {
        Expression::Text(_) if is_plain => name.to_owned(),
        made => format!("'{}'", made.within_text(resources)),
    }
}

/// The expression that a text is, or the text itself.
fn expression(value: &Json) -> Expression {
    let whole = value.as_text();
    let Some(inner) = whole.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) else {
        return Expression::Text(whole.to_owned());
    };
    Expression::read(inner).unwrap_or_else(|error| panic!("{whole}: {error}"))
}

fn within_text(value: &Json, resources: &mut Resources) -> String {
    expression(value).within_text(resources)
}

fn text(text: &str) -> String {
    format!("'{}'", escaped(text))
}

fn entries(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    let entries = if let Json::Object(entries) = value { Some(entries) } else { None };
    entries.into_iter().flatten()
}

fn list(value: &Json) -> &[Json] {
    if let Json::List(values) = value { values } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_templates_read_as_those_of_bicep() {
        let template: Json = serde_json::from_str(
            r#"{"resources": [{"type": "A.B/rules", "name": "[parameters('rule')]"}, {"type": "A.B/rules/parts", "name": "[format('{0}/x', parameters('rule'))]"}]}"#,
        )
        .unwrap();
        let mut resources = Resources::of(&template);
        for (arm, bicep) in [
            ("it's", r"'it\'s'"),
            ("[parameters('a')]", "a"),
            (
                "[format('{0}-x{1}', parameters('a'), uniqueString(resourceGroup().id))]",
                "'${a}-x${uniqueString(resourceGroup().id)}'",
            ),
            ("[if(not(empty(variables('a'))), 'it''s', null())]", r"!empty(a) ? 'it\'s' : null"),
            (
                "[if(and(equals(parameters('a'), 1), parameters('b')), createObject('k', parameters('a')), parameters('c')[0])]",
                "((a == 1) && b) ? { k: a } : c[0]",
            ),
            ("[resourceId('A.B/rules', parameters('rule'))]", "rule.id"),
            ("[resourceId('A.B/rules/parts', parameters('rule'), 'x')]", "part.id"),
            (
                "[reference(resourceId('A.B/rules', parameters('rule')), '2020-01-01').ends.here]",
                "rule.properties.ends.here",
            ),
            ("[resourceId('A.B/others', 'o')]", "resourceId('A.B/others', 'o')"),
        ] {
            assert_eq!(written(&Json::text(arm), 0, &mut resources), bicep, "{arm}");
        }
        assert!(Expression::read("concat('a'").is_err());
    }
}
