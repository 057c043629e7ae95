//! Prints the tables of docs/performance.md from the last `make bench`.

fn main() -> Result<(), String> {
    print!("{}", benches::table::markdown(&benches::measurements(), &benches::modules::all()?));
    Ok(())
}
