//! Policies compiled ahead of time.

#![allow(unsafe_code)]

use super::*;

fn embedded(artifact: Vec<u8>) -> &'static [u8] {
    Box::leak(artifact.into_boxed_slice())
}

#[test]
fn artifacts_run() {
    let artifact = embedded(precompile(&accepting()).unwrap());
    let policy = unsafe { engine().policy_from_precompiled("p", artifact) }.unwrap();
    assert!(policy.validate("{}", "{}").unwrap().accepted);
    // Traps and limits work as for a module compiled at run time.
    for (body, text) in
        [(LOOP, "policy `p` did not answer within 100 ms"), (HOARD, "policy `p` needs more than 8 MiB of memory")]
    {
        let artifact = embedded(precompile(&on_validate(body, "")).unwrap());
        let policy = unsafe { engine().policy_from_precompiled("p", artifact) }.unwrap();
        let error = policy.validate("{}", "{}").unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

/// The same artifact at the start of a page runs where it lies once, and from a copy beside it.
#[test]
fn an_artifact_on_a_page_runs_any_number_of_times() {
    let artifact = precompile(&accepting()).unwrap();
    let page = 64 << 10;
    let space = Box::leak(vec![0; artifact.len() + page].into_boxed_slice());
    let start = space.as_ptr().align_offset(page);
    space[start..start + artifact.len()].copy_from_slice(&artifact);
    let artifact: &'static [u8] = &space[start..start + artifact.len()];
    let load = || unsafe { engine().policy_from_precompiled("p", artifact) }.unwrap();
    let (first, second) = (load(), load());
    drop(first);
    for policy in [&second, &load()] {
        assert!(policy.validate("{}", "{}").unwrap().accepted);
    }
}

#[test]
fn artifacts_are_reproducible() {
    let wasm = accepting();
    assert_eq!(precompile(&wasm).unwrap(), precompile(&wasm).unwrap());
}

#[test]
fn artifacts_that_do_not_fit_are_refused() {
    let good = precompile(&accepting()).unwrap();
    // The version stands behind its length: "48".
    let version = good.windows(4).position(|bytes| bytes == b"\0\x0248");
    let mut other = good.clone();
    other[version.unwrap() + 2] = b'1';
    for (artifact, reason) in
        [(other, "Module was compiled with incompatible version '18'"), (b"no artifact".to_vec(), ""), (Vec::new(), "")]
    {
        let error = unsafe { engine().policy_from_precompiled("p", embedded(artifact)) }.unwrap_err();
        let start = format!("policy `p` was compiled ahead of time for another build of harden: {reason}");
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

#[test]
fn only_policies_are_compiled() {
    assert_eq!(
        precompile(&assemble("(module)")).unwrap_err().to_string(),
        "is not a waPC policy: it does not export `__guest_call`"
    );
}

/// `popcnt` is not in the baseline of x86-64; the instruction's bytes show
/// whether the build machine's CPU leaked into the artifact.
#[cfg(target_arch = "x86_64")]
#[test]
fn artifacts_run_on_the_baseline_cpu() {
    let wasm = guest("(i32.popcnt (local.get $len))", "");
    let popcnt = |code: &[u8]| code.windows(3).any(|window| window == b"\xf3\x0f\xb8");
    assert!(!popcnt(&precompile(&wasm).unwrap()));
    // That the search would find it: code for this machine's CPU.
    if std::arch::is_x86_feature_detected!("popcnt") {
        let here = wasmtime::Module::from_binary(&wasmtime::Engine::default(), &wasm);
        assert!(popcnt(&here.unwrap().serialize().unwrap()));
    }
}
