//! JSON with line breaks, and otherwise untouched: keys keep their order and numbers their digits.

/// Levels of brackets that are indented; deeper ones stay where they are.
const DEPTH_MAX: usize = 40;

/// `text` with a line for each key and element. What is no JSON comes out unharmed, with odd breaks.
pub fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_text {
            in_text = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            out.push(letter);
            continue;
        }
        match letter {
            '"' => {
                in_text = true;
                out.push(letter);
            }
            '{' | '[' => {
                out.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if letters.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    out.extend(letters.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            letter if letter.is_ascii_whitespace() => {}
            letter => out.push(letter),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEPTH_MAX)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_numbers_their_digits() {
        assert_eq!(
            indented(r#"{"z":1.50,"a":[{},[ ],"x, \"{\":y"],"n":12345678901234567890}"#),
            "{\n  \"z\": 1.50,\n  \"a\": [\n    {},\n    [],\n    \"x, \\\"{\\\":y\"\n  ],\n  \"n\": 12345678901234567890\n}"
        );
    }

    #[test]
    fn brackets_without_end_do_no_harm() {
        assert!(indented(&"[".repeat(100_000)).len() < 20_000_000);
        assert_eq!(indented("}]"), "\n}\n]");
    }
}
