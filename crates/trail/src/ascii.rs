//! Parts of texts, compared without ASCII case and without allocating: names that services write are ASCII.

/// Whether `text` begins with `start`.
pub(crate) fn starts_with(text: &str, start: &str) -> bool {
    text.as_bytes().get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// Whether `text` ends with `end`.
pub(crate) fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.as_bytes().get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
}

/// Whether `part`, which must not be empty, stands somewhere in `text`.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    debug_assert!(!part.is_empty(), "every text would contain it");
    let (Some(first), Some(last_start)) = (part.as_bytes().first(), text.len().checked_sub(part.len())) else {
        return false;
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let text = text.as_bytes();
    // Most places are ruled out by one byte, which costs far less than a comparison of the part.
    let mut places = text[..=last_start].iter().zip(text.windows(part.len()));
    places.any(|(&byte, window)| (byte == lower || byte == upper) && window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_without_case_and_inside_any_text() {
        assert!(starts_with("OfficeWord", "office") && !starts_with("Off", "office") && !starts_with("ébc", "e"));
        assert!(ends_with("FileAccessedExtended", "EXTENDED") && !ends_with("end", "extended"));
        assert!(contains("a/Forms/b", "/forms/") && !contains("forms", "/forms/") && !contains("", "x"));
    }
}
