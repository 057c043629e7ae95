use super::super::Format;
use super::super::testing::{POD, everything, judged, written};

#[test]
fn nothing_is_loaded_and_nothing_breaks_out() {
    let page = written(Format::Html, &everything());
    assert_eq!(page.matches("<script>").count(), 1, "only ours");
    assert_eq!(page.matches("</script>").count(), 1);
    for part in ["src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest"] {
        assert!(!page.contains(part), "{part}");
    }
    let links = page.match_indices("href=\"").map(|(at, _)| &page[at + 6..]);
    assert!(links.clone().count() > 20 && links.clone().all(|link| link.starts_with('#')));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains('\u{1b}'));
}

#[test]
fn every_link_has_its_panel_and_every_panel_its_link() {
    let page = written(Format::Html, &[judged("a.yaml", &format!("{POD}---\n{POD}"))]);
    let page = page.split("<script>").next().unwrap_or_default();
    let ids: Vec<&str> = after(page, "<article class=\"panel\" id=\"");
    let links: Vec<&str> = after(page, "href=\"#");
    assert!(ids.len() > 10);
    for id in &ids {
        assert!(links.contains(id), "{id}");
    }
    for link in links.iter().filter(|link| **link != "top") {
        assert!(ids.contains(link), "{link}");
    }
}

/// The texts between `before` and the next quote.
fn after<'p>(page: &'p str, before: &str) -> Vec<&'p str> {
    page.match_indices(before).filter_map(|(at, _)| page[at + before.len()..].split('"').next()).collect()
}

#[test]
fn a_row_for_every_workload_and_a_cell_for_every_rule() {
    let many: String = (0..1000).map(|at| format!("---\n{}", POD.replace("web", &format!("web-{at}")))).collect();
    let page = written(Format::Html, &[judged("pods.yaml", &many)]);
    let rules = page.matches("class=\"rule\"").count();
    assert_eq!(page.matches("<th scope=\"row\">").count(), 1000);
    assert_eq!(page.matches("<td ").count(), 1000 * rules);
    assert!(rules > 9);
}

#[test]
fn a_report_without_workloads_says_so() {
    for files in [vec![], vec![judged("empty.yaml", "# nothing\n")]] {
        let page = written(Format::Html, &files);
        assert!(page.contains("No workload was found") && !page.contains("<table"), "{page}");
    }
}
