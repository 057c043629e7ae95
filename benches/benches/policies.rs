//! `make bench`: compile, fresh instance, warm instance; then the tables of docs/performance.md.
//!
//! The policies that are compared run one after the other, so that a change of the machine's mood hits all.

use std::time::Duration;

use benches::modules::{self, Module};
use benches::requests::{self, Request};
use benches::table::{self, COMPILE, FRESH, POOLED, WARM};
use benches::warm::Warm;
use criterion::{BenchmarkId, Criterion};
use harden::sandbox::{Engine, Options, Policy, ValidationResponse};

fn main() -> Result<(), String> {
    let modules = modules::all()?;
    let requests = requests::all().map_err(|error| error.to_string())?;
    let mut criterion = Criterion::default()
        .output_directory(&benches::measurements())
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    let engine = |pool| Engine::new(Options { pool, ..Options::default() }).map_err(|error| error.to_string());

    compile(&mut criterion, &engine(0)?, &modules)?;
    fresh(&mut criterion, FRESH, &engine(0)?, &modules, &requests)?;
    fresh(&mut criterion, POOLED, &engine(1)?, &modules, &requests[..1])?;
    warm(&mut criterion, &modules, &requests)?;
    criterion.final_summary();
    print!("\n{}", table::markdown(&benches::measurements(), &modules));
    Ok(())
}

fn load(engine: &Engine, module: &Module) -> Result<Policy, String> {
    engine.policy_from_wasm(module.name, &module.wasm).map_err(|error| error.to_string())
}

fn compile(criterion: &mut Criterion, engine: &Engine, modules: &[Module]) -> Result<(), String> {
    let mut group = criterion.benchmark_group(COMPILE);
    group.sample_size(10);
    for module in modules {
        load(engine, module)?;
        group.bench_function(BenchmarkId::from_parameter(module.name), |bencher| bencher.iter(|| load(engine, module)));
    }
    group.finish();
    Ok(())
}

fn fresh(
    criterion: &mut Criterion,
    group: &str,
    engine: &Engine,
    modules: &[Module],
    requests: &[Request],
) -> Result<(), String> {
    let policies = modules.iter().map(|module| load(engine, module)).collect::<Result<Vec<_>, _>>()?;
    let mut group = criterion.benchmark_group(group);
    for request in requests {
        for policy in &policies {
            let call = || policy.call("validate", &request.payload);
            check(policy.name(), request, &call().map_err(|error| error.to_string())?)?;
            group.bench_function(BenchmarkId::new(policy.name(), request.name), |bencher| bencher.iter(call));
        }
    }
    group.finish();
    Ok(())
}

fn warm(criterion: &mut Criterion, modules: &[Module], requests: &[Request]) -> Result<(), String> {
    let instances = modules.iter().map(|module| Warm::start(&module.wasm)).collect::<Result<Vec<_>, _>>()?;
    let mut group = criterion.benchmark_group(WARM);
    for request in requests {
        for (module, instance) in modules.iter().zip(&instances) {
            let call = || instance.validate(&request.payload);
            check(module.name, request, &call()?)?;
            group.bench_function(BenchmarkId::new(module.name, request.name), |bencher| bencher.iter(call));
        }
    }
    group.finish();
    Ok(())
}

/// A policy that judges wrongly is fast for the wrong reason.
fn check(policy: &str, request: &Request, answer: &[u8]) -> Result<(), String> {
    let response: ValidationResponse = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    if response.accepted == (request.accepted || policy == modules::EMPTY) {
        return Ok(());
    }
    Err(format!("{policy} answers {} to {}", String::from_utf8_lossy(answer), request.name))
}
