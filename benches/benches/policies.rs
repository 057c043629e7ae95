//! `make bench`: compile, fresh instance, warm instance; then the tables of docs/performance.md.
//!
//! Everything but compiling is measured in several rounds, so that whatever else the machine does hits every
//! policy alike; the table takes the lowest decile of all samples.

use std::time::Duration;

use benches::modules::{self, Module};
use benches::requests::{self, Request};
use benches::table::{self, COMPILE, FRESH, POOLED, ROUNDS, WARM, group};
use benches::warm::Warm;
use criterion::{BenchmarkId, Criterion};
use sandbox::{Engine, Options, Policy, ValidationResponse};

fn main() -> Result<(), String> {
    let modules = modules::all()?;
    let requests = requests::all().map_err(|error| error.to_string())?;
    let mut criterion = Criterion::default()
        .output_directory(&benches::measurements())
        .without_plots()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .sample_size(10)
        .nresamples(2_000)
        .configure_from_args();
    let engine = |pool| Engine::new(Options { pool, ..Options::default() }).map_err(|error| error.to_string());

    compile(&mut criterion, &engine(0)?, &modules)?;
    for round in 0..ROUNDS {
        fresh(&mut criterion, &group(FRESH, round), &engine(0)?, &modules, &requests)?;
        fresh(&mut criterion, &group(POOLED, round), &engine(1)?, &modules, &requests[..1])?;
        warm(&mut criterion, &group(WARM, round), &modules, &requests)?;
    }
    criterion.final_summary();
    print!("\n{}", table::markdown(&benches::measurements(), &modules));
    Ok(())
}

fn load(engine: &Engine, module: &Module) -> Result<Policy, String> {
    engine.policy_from_wasm(module.name, &module.wasm).map_err(|error| error.to_string())
}

fn compile(criterion: &mut Criterion, engine: &Engine, modules: &[Module]) -> Result<(), String> {
    let mut group = criterion.benchmark_group(COMPILE);
    for module in modules.iter().filter(|module| !module.is_profile()) {
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
        for (policy, module) in policies.iter().zip(modules).filter(|(_, module)| request.is_for(module)) {
            let payload = request.payload(module.settings);
            let call = || policy.call("validate", &payload);
            check(module, request, &call().map_err(|error| error.to_string())?)?;
            group.bench_function(BenchmarkId::new(policy.name(), request.name), |bencher| bencher.iter(call));
        }
    }
    group.finish();
    Ok(())
}

fn warm(criterion: &mut Criterion, group: &str, modules: &[Module], requests: &[Request]) -> Result<(), String> {
    let mut instances = modules.iter().map(|module| Warm::start(&module.wasm)).collect::<Result<Vec<_>, _>>()?;
    let mut group = criterion.benchmark_group(group);
    for request in requests {
        for (module, instance) in modules.iter().zip(&mut instances).filter(|(module, _)| request.is_for(module)) {
            let payload = request.payload(module.settings);
            let mut call = || instance.validate(&payload);
            check(module, request, &call()?)?;
            group.bench_function(BenchmarkId::new(module.name, request.name), |bencher| bencher.iter(&mut call));
        }
    }
    group.finish();
    Ok(())
}

fn check(module: &Module, request: &Request, answer: &[u8]) -> Result<(), String> {
    let response: ValidationResponse = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    if module.is_right(request, response.accepted) {
        return Ok(());
    }
    Err(format!("{} answers {} to {}", module.name, String::from_utf8_lossy(answer), request.name))
}
