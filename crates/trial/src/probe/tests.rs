//! Probes on a clock of our own.

use super::*;
use crate::pod::Action;

fn probe(delay: u64, period: u64, successes: u32, failures: u32) -> Probe {
    let seconds = Duration::from_secs;
    let action = Action::Tcp { port: 80 };
    Probe { action, delay: seconds(delay), period: seconds(period), timeout: seconds(1), successes, failures }
}

fn container(startup: Option<Probe>, readiness: Option<Probe>, liveness: Option<Probe>) -> Container {
    Container { startup, readiness, liveness, ..Container::default() }
}

/// Asks what is due, every tenth of a second up to `end`, and returns the first verdict that is final, and its time.
fn play(container: &Container, end: u64, answer: impl Fn(Kind, Duration) -> bool) -> (f32, Verdict) {
    let mut probes = Probes::of(container);
    let mut now = Duration::ZERO;
    loop {
        for (kind, _) in probes.due(now) {
            let answer = if answer(kind, now) { Ok(()) } else { Err("refused".into()) };
            probes.answer(kind, now, answer);
        }
        let verdict = probes.verdict(now);
        if now >= Duration::from_secs(end) || matches!(verdict, Verdict::Ready | Verdict::Failed(..)) {
            return (now.as_secs_f32(), verdict);
        }
        now += Duration::from_millis(100);
    }
}

fn after(seconds: u64) -> impl Fn(Kind, Duration) -> bool {
    move |_, now| now >= Duration::from_secs(seconds)
}

#[test]
fn without_probes_nothing_is_said() {
    assert_eq!(play(&container(None, None, None), 3, |_, _| panic!("nothing is asked")), (3.0, Verdict::Silent));
}

#[test]
fn a_readiness_probe_waits_without_end() {
    let ready = container(None, Some(probe(0, 10, 1, 3)), None);
    assert_eq!(play(&ready, 100, after(0)), (0.0, Verdict::Ready));
    assert_eq!(play(&ready, 100, after(50)), (50.0, Verdict::Ready), "asked each second, not each ten");
    let (_, verdict) = play(&ready, 4, after(1000));
    assert_eq!(verdict, Verdict::Waiting(Some("its readiness probe failed 5 times: refused".to_owned())));
}

#[test]
fn successes_are_counted_in_a_row() {
    let thrice = container(None, Some(probe(0, 1, 3, 3)), None);
    let (at, verdict) = play(&thrice, 100, |_, now| now.as_secs() != 1);
    assert_eq!((at, verdict), (4.0, Verdict::Ready), "the second answer began anew");
}

#[test]
fn a_startup_probe_gates_the_others_and_has_its_time() {
    let gated = container(Some(probe(5, 10, 1, 3)), Some(probe(0, 10, 1, 3)), Some(probe(0, 1, 1, 1)));
    let (at, verdict) = play(&gated, 100, |kind, now| {
        assert!(kind == Kind::Startup || now.as_secs() >= 20, "asked before the start");
        now.as_secs() >= 20
    });
    assert_eq!(verdict, Verdict::Ready);
    assert!((20.0..21.5).contains(&at), "{at}");
    // The kubelet asks at 5, 15 and 25 seconds.
    assert_eq!(play(&gated, 100, after(1000)), (25.0, Verdict::Failed(Kind::Startup, "refused".to_owned())));
}

#[test]
fn a_liveness_probe_kills_after_its_failures_in_a_row() {
    let living = container(None, None, Some(probe(10, 5, 1, 3)));
    assert_eq!(play(&living, 100, after(2)), (2.0, Verdict::Ready), "a success before the delay is one");
    assert_eq!(play(&living, 100, after(1000)), (20.0, Verdict::Failed(Kind::Liveness, "refused".to_owned())));
    let (_, verdict) = play(&container(None, Some(probe(0, 1, 1, 1)), Some(probe(0, 1, 1, 2))), 100, |kind, now| {
        kind == Kind::Readiness && now.as_secs() > 50
    });
    assert_eq!(verdict, Verdict::Failed(Kind::Liveness, "refused".to_owned()));
}

#[test]
fn a_failure_that_passes_does_no_harm() {
    let living = container(None, Some(probe(0, 1, 1, 1)), Some(probe(0, 2, 1, 3)));
    let (at, verdict) = play(&living, 100, |kind, now| match kind {
        Kind::Readiness => now.as_secs() >= 30,
        _ => now.as_secs() % 4 == 0,
    });
    assert_eq!((at, verdict), (30.0, Verdict::Ready));
}
