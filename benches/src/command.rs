//! `harden check` as a process, and what it reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::thread;
use std::time::Duration;

use corpus::{Census, File, Shape};
use tempfile::TempDir;

use crate::target_dir;

/// Manifests on disk.
pub struct Corpus {
    /// Its name in the table.
    pub name: &'static str,
    /// The files.
    pub files: Vec<File>,
    /// Their contents.
    pub census: Census,
    folder: TempDir,
}

/// The seed of every corpus.
const SEED: u64 = 1;

impl Corpus {
    /// The corpora that are measured, written to temporary folders.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn all() -> Result<Vec<Corpus>, String> {
        [("repositories", Shape::REPOSITORIES), ("ten-thousand", Shape::of(10_000))]
            .into_iter()
            .map(|(name, shape)| Corpus::write(name, &shape).map_err(|error| format!("cannot write {name}: {error}")))
            .collect()
    }

    fn write(name: &'static str, shape: &Shape) -> std::io::Result<Corpus> {
        let folder = tempfile::tempdir()?;
        let files = corpus::files(shape, SEED);
        for file in &files {
            let path = folder.path().join(&file.path);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, &file.text)?;
        }
        Ok(Corpus { name, census: Census::of(&files), files, folder })
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.census.bytes as u64
    }

    /// A small file with one workload.
    fn one_file(&self) -> Option<PathBuf> {
        let small = |file: &&File| file.census.workloads == 1 && file.census.documents == 1 && file.text.len() > 1_500;
        self.files
            .iter()
            .filter(small)
            .min_by_key(|file| file.text.len())
            .map(|file| self.folder.path().join(&file.path))
    }
}

/// The resources that a run needs, however busy the machine is.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Time on all cores, the kernel's included.
    pub cpu: Duration,
    /// The most memory, in bytes.
    pub peak: u64,
}

/// How often usage is watched.
const RUNS: usize = 3;

/// The program that is measured.
pub struct Command {
    path: PathBuf,
}

impl Command {
    /// The `harden` of the release profile.
    ///
    /// # Errors
    /// It has not been built.
    pub fn find() -> Result<Command, String> {
        let path = target_dir().join("release/harden");
        if path.is_file() {
            Ok(Command { path })
        } else {
            Err(format!("{} is not built: run `make bench`", path.display()))
        }
    }

    /// One thread, and as many as there are cores.
    pub fn jobs() -> Vec<usize> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if cores > 1 { vec![1, cores] } else { vec![1] }
    }

    /// Checks one small file.
    ///
    /// # Errors
    /// A run that does not end as it should.
    pub fn check_one(&self, corpora: &[Corpus]) -> Result<(), String> {
        let file = corpora.iter().find_map(Corpus::one_file).ok_or("no corpus has a small workload")?;
        self.spawn(&file, 1)?.wait().map_err(|error| error.to_string()).map(drop)
    }

    /// Checks a corpus with so many threads.
    ///
    /// # Errors
    /// A run that does not find what the corpus holds: it would be fast for the wrong reason.
    pub fn check(&self, corpus: &Corpus, jobs: usize) -> Result<(), String> {
        let output = self.spawn(corpus.folder.path(), jobs)?.wait_with_output().map_err(|error| error.to_string())?;
        let report = String::from_utf8_lossy(&output.stdout);
        let expected = format!("of {} workloads; {} files read", corpus.census.workloads, corpus.census.files);
        if report.lines().last().is_some_and(|line| line.contains(&expected)) {
            return Ok(());
        }
        Err(format!("harden check of {} does not say {expected:?}", corpus.name))
    }

    /// Measures a check of a corpus and returns the best of a few runs.
    ///
    /// # Errors
    /// A run that cannot be started or watched.
    pub fn usage(&self, corpus: &Corpus, jobs: usize) -> Result<Usage, String> {
        let mut best: Option<Usage> = None;
        for _ in 0..RUNS {
            let usage = self.watch(corpus, jobs)?;
            let better = |best: Usage| Usage { cpu: best.cpu.min(usage.cpu), peak: best.peak.min(usage.peak) };
            best = Some(best.map_or(usage, better));
        }
        best.ok_or_else(|| "nothing was run".to_owned())
    }

    fn watch(&self, corpus: &Corpus, jobs: usize) -> Result<Usage, String> {
        let mut child = self.spawn(corpus.folder.path(), jobs)?;
        let pipe = child.stdout.take();
        let drained = thread::spawn(move || pipe.map(|mut pipe| std::io::copy(&mut pipe, &mut std::io::sink())));
        let mut peak = None;
        // What has ended keeps its times until somebody asks how it ended.
        let cpu = loop {
            // The kernel's high-water mark: it only grows.
            peak = high_water_mark(child.id()).or(peak);
            match times(child.id()) {
                Some((cpu, true)) => break Some(cpu),
                Some(_) => thread::sleep(Duration::from_micros(500)),
                None => break None,
            }
        };
        let _ = drained.join();
        child.wait().map_err(|error| error.to_string())?;
        let (Some(cpu), Some(peak)) = (cpu, peak) else {
            return Err("a process cannot be watched on this machine".to_owned());
        };
        Ok(Usage { cpu, peak })
    }

    fn spawn(&self, path: &Path, jobs: usize) -> Result<process::Child, String> {
        process::Command::new(&self.path)
            .args(["check", "--no-config", "--jobs", &jobs.to_string()])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", self.path.display()))
    }
}

fn high_water_mark(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// The time that a process has used, and whether it has ended.
fn times(process: u32) -> Option<(Duration, bool)> {
    /// The kernel counts for everybody in hundredths of a second.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in parentheses and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u32 = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some((TICK * ticks, fields.first() == Some(&"Z")))
}
