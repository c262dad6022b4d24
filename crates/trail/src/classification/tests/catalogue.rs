//! Label files.

use super::*;

#[test]
fn a_catalogue_is_read_from_what_people_have() {
    for text in [
        LABELS.to_owned(),
        LABELS.lines().skip(1).collect::<Vec<_>>().join("\r\n"),
        format!("\u{feff}{LABELS}"),
        LABELS.replace(',', ";"),
        LABELS.replace(',', "\t"),
        LABELS.replace("Partners,Confidential", "\"Confidential\\Partners\","),
        LABELS.replace("Partners,Confidential", &format!("Partners,{{{}}}", CONFIDENTIAL.to_uppercase())),
        LABELS.replace(PUBLIC, &format!("\"{{{PUBLIC}}}\"")).replace("Secret,,", &format!("Secret,{},", uuid_zero())),
    ] {
        let (read, problems) = Catalogue::parse(&text);
        assert_eq!(problems, [], "{text}");
        assert_eq!(read, catalogue(), "{text}");
    }
    let exported =
        format!("Guid,Name,ImmutableId,Priority,DisplayName\n{FOREIGN},internal,{SECRET},4,\"Top, \"\"Secret\"\"\"\n");
    let (read, problems) = Catalogue::parse(&exported);
    assert_eq!((problems.len(), read.len(), read.get(FOREIGN)), (0, 1, None));
    let label = read.get(&format!("{{{}}}", SECRET.to_uppercase())).unwrap();
    assert_eq!((&*label.name, label.order), ("Top, \"Secret\"", Some(4)));
    assert!(Catalogue::parse("").0.is_empty());
}

fn uuid_zero() -> &'static str {
    "00000000-0000-0000-0000-000000000000"
}

#[test]
fn what_cannot_be_read_of_a_catalogue_is_told_with_its_line() {
    let text = format!(
        "id,name,parent,order\n{PUBLIC},Public,Nobody,x\nnonsense,Y,,\n{GENERAL},,,\n\n{PUBLIC},Again,,1\n{SECRET},Secret,{SECRET},\n"
    );
    let (read, problems) = Catalogue::parse(&text);
    let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 2, 3, 4, 6, 7], "{problems:?}");
    assert_eq!(read.labels().map(|label| &*label.name).collect::<Vec<_>>(), ["Public", "Secret"]);
    assert_eq!(problems[2].to_string(), "line 3: \"nonsense\" is no GUID; give the label's immutable id");
    let (_, problems) = Catalogue::parse(&format!("these,are,labels\n{PUBLIC},Public\n"));
    assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1]);
}

#[test]
fn parents_that_go_in_circles_end() {
    let text = format!("{PUBLIC},One,Two,0\n{GENERAL},Two,One,1\n");
    let (read, problems) = Catalogue::parse(&text);
    assert_eq!(problems, []);
    assert!(read.lineage(PUBLIC).count() < 100);
    assert!(read.get(PUBLIC).unwrap().full_name.ends_with("Two\\One"));
}

#[test]
fn a_name_that_two_labels_have_names_neither() {
    let text = format!("{PUBLIC},Partners,,0\n{GENERAL},General,,1\n{PARTNERS},Partners,General,3\n");
    let (read, _) = Catalogue::parse(&text);
    assert_eq!(read.by_name(" general\\partners ").map(|label| &*label.id), Some(PARTNERS));
    assert_eq!(read.by_name("partners").map(|label| &*label.id), Some(PUBLIC), "a full name goes before an own name");
    let both = format!(
        "{SECRET},Secret,,0\n{GENERAL},General,,1\n{PUBLIC},Partners,Secret,2\n{PARTNERS},Partners,General,3\n"
    );
    assert_eq!(Catalogue::parse(&both).0.by_name("partners"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_catalogue_panic(text in "\\PC{0,60}", near in "[0-9a-f,;\"\n -]{0,80}") {
        let _ = (Catalogue::parse(&text), Catalogue::parse(&near));
    }
}

#[test]
fn labels_that_a_service_lists_are_named_with_their_parents_and_a_file_goes_before_them() {
    let label = |id: &str, name: &str, parent: Option<&str>| Label {
        id: Arc::from(id),
        name: Arc::from(name),
        full_name: Arc::from(name),
        parent: parent.map(Arc::from),
        order: Some(1),
    };
    let listed = Catalogue::of([label(SECRET, "Listed", None), label(PARTNERS, "Project", Some(SECRET))]);
    assert_eq!(listed.get(PARTNERS).unwrap().full_name.as_ref(), "Listed\\Project");
    let both = listed.overridden_by(Catalogue::parse(&format!("{SECRET},Secret,,9\n")).0);
    let told = |id: &str| both.get(id).map(|label| (label.full_name.to_string(), label.order)).unwrap();
    assert_eq!((told(SECRET), told(PARTNERS)), (("Secret".into(), Some(9)), ("Secret\\Project".into(), Some(1))));
}
