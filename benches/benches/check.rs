//! `make bench`: `harden check` as a process, over one file and over generated corpora; then the table of
//! docs/performance.md. Parsers read the same text in the same run, to compare with.

use std::time::Duration;

use benches::command::{Command, Corpus};
use benches::command_table::{self, CHECK, PARSE, ROUNDS, STARTUP};
use benches::parsers;
use benches::table::group;
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() -> Result<(), String> {
    let command = Command::find()?;
    let corpora = Corpus::all()?;
    let mut criterion = Criterion::default()
        .output_directory(&benches::measurements())
        .without_plots()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .sample_size(10)
        .nresamples(2_000)
        .configure_from_args();

    for round in 0..ROUNDS {
        let mut startup = criterion.benchmark_group(group(STARTUP, round));
        startup.bench_function("one-file", |bencher| bencher.iter(|| command.check_one(&corpora)));
        startup.finish();
        for corpus in &corpora {
            let mut checks = criterion.benchmark_group(group(CHECK, round));
            checks.throughput(Throughput::Bytes(corpus.bytes()));
            for jobs in Command::jobs() {
                command.check(corpus, jobs)?;
                let id = BenchmarkId::new(jobs.to_string(), corpus.name);
                checks.bench_function(id, |bencher| bencher.iter(|| command.check(corpus, jobs)));
            }
            checks.finish();
            let mut parse = criterion.benchmark_group(group(PARSE, round));
            parse.throughput(Throughput::Bytes(corpus.bytes()));
            for (name, read) in parsers::ALL {
                parse.bench_function(BenchmarkId::new(name, corpus.name), |bencher| bencher.iter(|| read(corpus)));
            }
            parse.finish();
        }
    }
    criterion.final_summary();
    print!("\n{}", command_table::markdown(&benches::measurements(), &command, &corpora)?);
    Ok(())
}
