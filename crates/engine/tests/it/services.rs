//! Services that lead from one port to another.

use engine::Step;
use trial::Readiness;
use trial::pod::{Forward, Pod};

use crate::support::{Bench, container, how, main_of, pod, sh};

/// A pod that answers on port 8080 after a while, behind a service with the ports 80 and 8080.
fn called(test: &Bench) -> Pod {
    let names = vec!["db".to_owned(), "db.shop.svc".to_owned()];
    let forwards = vec![Forward { names: names.clone(), ports: vec![(80, 8080), (8080, 8080)] }];
    let answering = container(test, "db", "sleep 1; while :; do echo hello | nc -l -p 8080; done");
    Pod { name: "db".to_owned(), names, forwards, ..pod(vec![answering]) }
}

#[test]
fn a_service_leads_to_the_port_of_its_pod() {
    let Some(test) = Bench::open() else { return };
    // One connection ends before the next one is taken: it asks until there is an answer.
    let ask = "ask() { i=0; while [ $i -lt 50 ]; do i=$((i + 1)); \
               answer=$(nc -w 2 $1 $2 </dev/null 2>/dev/null); [ -n \"$answer\" ] && echo $answer && return; \
               sleep 0.1; done; exit 3; }";
    let script = format!(
        "{ask}; ask db 80; ask db.shop.svc 80; ask db 8080; nc -w 1 db 81 2>/dev/null && exit 4; echo done; sleep 60"
    );
    let mut notes = Vec::new();
    let asking = pod(vec![sh(&test, &script)]);
    let outcome = test.engine.run(&asking, &[called(&test)], &how(4), &mut |event| {
        if let Step::Note(note) = event.step {
            notes.push(note);
        }
    });
    let outcome = outcome.unwrap();
    let log = main_of(&outcome).log.join(" ");
    if notes.iter().any(|note| note.contains("at port 8080 instead of 80")) {
        assert!(outcome.readiness != Readiness::Ready, "nobody answers on port 80: {log}");
        return;
    }
    assert_eq!(outcome.readiness, Readiness::Ready, "{log}");
    assert_eq!(log, "hello hello hello done");
}
