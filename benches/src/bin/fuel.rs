//! Prints what a call of each policy costs in instructions and memory: `cargo run --release -p benches --bin fuel`.

use benches::meter::Meter;
use benches::{modules, requests};

fn main() -> Result<(), String> {
    let requests = requests::all().map_err(|error| error.to_string())?;
    print!("| policy | memory at start, KiB |");
    requests.iter().for_each(|request| print!(" {} |", request.name));
    print!("\n|---|--:|{}", "--:|".repeat(requests.len()));
    for module in modules::all()? {
        let meter = Meter::new(&module.wasm)?;
        let spent = requests.iter().map(|request| meter.validate(&request.payload(module.settings)));
        let spent = spent.collect::<Result<Vec<_>, _>>()?;
        print!("\n| {} | {} |", module.name, spent.first().map_or(0, |spent| spent.initial_memory >> 10));
        spent.iter().for_each(|spent| print!(" {} |", spent.fuel));
    }
    println!();
    Ok(())
}
