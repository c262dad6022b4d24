//! `demo`.

use crate::support::Folder;

#[test]
fn the_demo_finds_the_truth_and_says_where_everything_is_each_time_it_is_run() {
    let folder = Folder::new();
    for _ in 0..2 {
        let demo = folder.run(["demo", "--seed", "3", "--records", "3000", "--out", "shown"]).with_code(0);
        let line = demo.stdout.lines().find(|line| line.starts_with("Rows of ShareTrailAccess_CL")).unwrap();
        let numbers: Vec<&str> =
            line.split(|letter: char| !letter.is_ascii_digit()).filter(|text| !text.is_empty()).collect();
        let [delivered, truth] = numbers[..] else { panic!("{line}") };
        assert_eq!(delivered, truth);
        for part in ["accesses from outside", "person", "sharetrail --state shown/sharetrail.db report access"] {
            assert!(demo.stdout.contains(part), "{demo}");
        }
        for file in ["report         ", "database       ", "configuration  "] {
            let path = demo.stdout.lines().find_map(|line| line.strip_prefix(file)).unwrap();
            assert!(folder.at(path.split(' ').next().unwrap()).is_file(), "{path}");
        }
        let page = folder.read("shown/report.html");
        assert!(page.contains(&format!("Accesses <span class=\"faint\">{truth}<")), "the page does not show {truth}");
        folder.run(["--state", "shown/sharetrail.db", "report", "access"]).with_code(0);
    }
}
