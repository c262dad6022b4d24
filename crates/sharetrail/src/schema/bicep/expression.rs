//! Expressions of templates, such as `[format('{0}/default', parameters('name'))]`, and their form in Bicep.
//! Sources: Microsoft, "Syntax and expressions in ARM templates"; "Decompile Azure Resource Manager templates to Bicep".

use std::fmt::Write;

/// An expression as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// `'text'`
    Text(String),
    /// `12`
    Number(i64),
    /// `name(arguments)`
    Call(String, Vec<Expression>),
    /// `value.property`
    Property(Box<Expression>, String),
    /// `value[index]`
    Index(Box<Expression>, Box<Expression>),
}

/// What resources of the template an expression may mean, by the symbols that Bicep has for them.
pub(super) trait Symbols {
    /// The symbol of a resource of this type and name, the name as [`Expression::within_text`] writes it.
    fn symbol(&mut self, kind: &str, name: &str, version: Option<&str>) -> Option<String>;
}

impl Expression {
    /// Reads what stands between the brackets.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let expression = reader.expression()?;
        reader.blanks();
        if reader.at == text.len() { Ok(expression) } else { Err(format!("left over: {}", &text[reader.at..])) }
    }

    /// As Bicep writes it.
    pub(super) fn bicep(&self, symbols: &mut impl Symbols) -> String {
        match self {
            Self::Text(_) => format!("'{}'", self.within_text(symbols)),
            Self::Number(number) => number.to_string(),
            Self::Property(value, name) => format!("{}.{name}", value.operand(symbols)),
            Self::Index(value, index) => format!("{}[{}]", value.operand(symbols), index.bicep(symbols)),
            Self::Call(name, arguments) => self.call(name, arguments, symbols),
        }
    }

    /// As part of a text: what is no text itself stands in `${…}`.
    pub(super) fn within_text(&self, symbols: &mut impl Symbols) -> String {
        match self {
            Self::Text(text) => escaped(text),
            Self::Call(name, arguments) if name == "format" => {
                let Some((Self::Text(form), values)) = arguments.split_first() else {
                    unreachable!("format begins with a text")
                };
                let mut text = escaped(form);
                for (index, value) in values.iter().enumerate() {
                    text = text.replace(&format!("{{{index}}}"), &value.within_text(symbols));
                }
                text
            }
            other => format!("${{{}}}", other.bicep(symbols)),
        }
    }

    fn call(&self, name: &str, arguments: &[Self], symbols: &mut impl Symbols) -> String {
        match (name, arguments) {
            ("parameters" | "variables", [Self::Text(name)]) => name.clone(),
            ("format", _) => format!("'{}'", self.within_text(symbols)),
            ("null", []) => "null".to_owned(),
            ("true", []) => "true".to_owned(),
            ("false", []) => "false".to_owned(),
            ("createObject", []) => "{}".to_owned(),
            ("createObject", _) => {
                let entry = |pair: &[Self]| {
                    let (Self::Text(key), value) = (&pair[0], &pair[1]) else { unreachable!("a key is a text") };
                    format!("{key}: {}", value.bicep(symbols))
                };
                format!("{{ {} }}", arguments.chunks(2).map(entry).collect::<Vec<_>>().join(", "))
            }
            ("not", [one]) => format!("!{}", one.operand(symbols)),
            ("equals", [left, right]) => format!("{} == {}", left.operand(symbols), right.operand(symbols)),
            ("and", [left, right]) => format!("{} && {}", left.operand(symbols), right.operand(symbols)),
            ("or", [left, right]) => format!("{} || {}", left.operand(symbols), right.operand(symbols)),
            ("if", [condition, then, other]) => {
                format!("{} ? {} : {}", condition.operand(symbols), then.operand(symbols), other.operand(symbols))
            }
            ("resourceId", [Self::Text(kind), names @ ..]) if let Some(symbol) = named(kind, names, None, symbols) => {
                format!("{symbol}.id")
            }
            ("extensionResourceId", [_, Self::Text(kind), names @ ..])
                if let Some(symbol) = named(kind, names, None, symbols) =>
            {
                format!("{symbol}.id")
            }
            ("reference", [Self::Call(inner, of), version @ ..]) if inner == "resourceId" => {
                let Some((Self::Text(kind), names)) = of.split_first() else { unreachable!("a type comes first") };
                let version = version.first().map(|version| version.within_text(symbols));
                let symbol = named(kind, names, version.as_deref(), symbols).unwrap_or_default();
                format!("{symbol}.properties")
            }
            _ => {
                let arguments: Vec<String> = arguments.iter().map(|argument| argument.bicep(symbols)).collect();
                format!("{name}({})", arguments.join(", "))
            }
        }
    }

    /// As a part of a larger expression.
    fn operand(&self, symbols: &mut impl Symbols) -> String {
        let text = self.bicep(symbols);
        let is_compound = matches!(self, Self::Call(name, _) if ["equals", "and", "or", "if"].contains(&name.as_str()));
        if is_compound { format!("({text})") } else { text }
    }
}

fn named(kind: &str, names: &[Expression], version: Option<&str>, symbols: &mut impl Symbols) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| name.within_text(symbols)).collect();
    symbols.symbol(kind, &names.join("/"), version)
}

/// What is between the quotes of Bicep's text.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\'' => escaped.push_str("\\'"),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            other => escaped.push(other),
        }
    }
    escaped.replace("${", "\\${")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.text[self.at..].trim_start().len();
    }

    fn taken(&mut self, wanted: char) -> bool {
        self.blanks();
        let is_there = self.peek() == Some(wanted);
        self.at += if is_there { wanted.len_utf8() } else { 0 };
        is_there
    }

    fn while_is(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let rest = &self.text[self.at..];
        let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }

    fn expression(&mut self) -> Result<Expression, String> {
        let mut value = self.value()?;
        loop {
            if self.taken('.') {
                value = Expression::Property(Box::new(value), self.while_is(char::is_alphanumeric));
            } else if self.taken('[') {
                value = Expression::Index(Box::new(value), Box::new(self.expression()?));
                self.expect(']')?;
            } else {
                return Ok(value);
            }
        }
    }

    fn value(&mut self) -> Result<Expression, String> {
        self.blanks();
        match self.peek() {
            Some('\'') => self.quoted().map(Expression::Text),
            Some(first) if first.is_ascii_digit() || first == '-' => {
                let digits = self.while_is(|character| character.is_ascii_digit() || character == '-');
                digits.parse().map(Expression::Number).map_err(|error| format!("{digits}: {error}"))
            }
            Some(first) if first.is_alphabetic() => {
                let name = self.while_is(char::is_alphanumeric);
                self.expect('(')?;
                let mut arguments = Vec::new();
                while !self.taken(')') {
                    arguments.push(self.expression()?);
                    self.taken(',');
                }
                Ok(Expression::Call(name, arguments))
            }
            other => Err(format!("{other:?} begins no expression at {}", &self.text[self.at..])),
        }
    }

    /// A text, in which a doubled quote stands for one.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        self.expect('\'')?;
        loop {
            let _ = write!(text, "{}", self.while_is(|character| character != '\''));
            self.expect('\'')?;
            if self.peek() != Some('\'') {
                return Ok(text);
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.peek() == Some(wanted) || {
            self.blanks();
            self.peek() == Some(wanted)
        } {
            self.at += wanted.len_utf8();
            return Ok(());
        }
        Err(format!("{wanted} is missing at {:?}", &self.text[self.at..]))
    }
}
