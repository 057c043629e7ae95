//! Compiles foreign policies in a process of their own.
//!
//! A module of half a megabyte can be made to take minutes and gigabytes to compile, and wasmtime has no bounds for
//! that. Only the operating system has, and only for a process: so the program starts itself once more, hands the
//! module over and gets the code back.

use std::env;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use super::config::config;
use super::error::ErrorKind;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

/// Where foreign policies are compiled, and what that may take.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: PathBuf,
    /// Processor time of all threads, in whole seconds.
    time: Duration,
    /// Memory in bytes; Linux holds a process to it.
    pub memory: u64,
}

/// Hidden subcommand that compiles a module.
const COMMAND: &str = "compile-policy";

/// Exit code of a compiler that said why it does not compile the module.
const REFUSED: u8 = 3;

/// Longest code that is read, in bytes.
const LARGEST: u64 = 512 << 20;

/// More threads would need more memory at once.
const THREADS: usize = 4;

static OF_PROGRAM: OnceLock<Compiler> = OnceLock::new();

impl Compiler {
    /// Compiles with `program`, which calls [`serve`] when it is started: 60 s, 2 GiB, or what this process may have.
    ///
    /// The output of `program` is run as machine code, so nobody else may choose it.
    fn with(program: PathBuf) -> Compiler {
        // A second for the signal that comes before the last.
        let seconds = own(Resource::Cpu).saturating_sub(1).clamp(1, 60);
        Compiler { program, time: Duration::from_secs(seconds), memory: own(Resource::Data).min(2 << 30) }
    }

    /// The compiler of a program that called [`serve`]; `None`, which compiles in this process and without bounds, of
    /// any other.
    pub fn of_program() -> Option<Compiler> {
        OF_PROGRAM.get().cloned()
    }

    /// Compiles a module; returns `None` if no process can be started.
    pub(super) fn compile(&self, wasm: &[u8]) -> Option<Result<Compiled, ErrorKind>> {
        let child = self.start().ok()?;
        Some(match converse(child, wasm) {
            Ok(answer) => self.read(answer),
            Err(error) => Err(ErrorKind::Sandbox(format!("its compiler: {error}"))),
        })
    }

    fn start(&self) -> io::Result<Child> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        Command::new(&self.program)
            .arg(COMMAND)
            .arg(self.time.as_secs().to_string())
            .arg(self.memory.to_string())
            // The environment must not influence compilation.
            .env_clear()
            .env("RAYON_NUM_THREADS", threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    fn read(&self, answer: Answer) -> Result<Compiled, ErrorKind> {
        if answer.status.success() {
            return Ok(Compiled(answer.code));
        }
        if answer.status.code() == Some(i32::from(REFUSED)) {
            return Err(ErrorKind::Unsupported(answer.said));
        }
        Err(match answer.status.signal() {
            Some(signal) if signal == Signal::XCPU.as_raw() => ErrorKind::CompileTime(self.time),
            _ if answer.said.contains("memory allocation of") => ErrorKind::CompileMemory(self.memory),
            _ => ErrorKind::Unsupported(format!("its compiler ended with {}", answer.status)),
        })
    }
}

/// Code that this program compiled: nothing but [`Compiler`] makes one.
pub(super) struct Compiled(Vec<u8>);

impl Compiled {
    /// The code.
    pub(super) fn artifact(&self) -> &[u8] {
        &self.0
    }
}

/// Output of a compiler, and how it ended.
struct Answer {
    status: ExitStatus,
    code: Vec<u8>,
    said: String,
}

fn converse(mut child: Child, wasm: &[u8]) -> io::Result<Answer> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut code, mut said) = (Vec::new(), Vec::new());
    let read = thread::scope(|scope| {
        // One that ended early does not read on: why, it says itself.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(wasm)));
        let read = stdout.map_or(Ok(0), |out| out.take(LARGEST + 1).read_to_end(&mut code));
        read.and_then(|_| stderr.map_or(Ok(0), |err| err.take(4 << 10).read_to_end(&mut said)))
    });
    let read = match read {
        Ok(_) if code.len() as u64 > LARGEST => Err(bounded::too_long()),
        read => read,
    };
    if read.is_err() {
        let _ = child.kill();
    }
    let status = child.wait()?;
    read?;
    Ok(Answer { status, code, said: String::from_utf8_lossy(&said).trim().to_owned() })
}

/// Makes this program its own compiler: foreign policies are compiled by starting it once more, and the one that was
/// started compiles here, and is to end with the exit code that this returns.
///
/// To be called first of all in `main`.
pub fn serve() -> Option<u8> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_none_or(|command| command != COMMAND) {
        // The file that runs, even if another lies in its place by now.
        let own = if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { env::current_exe() };
        if let Ok(program) = own {
            let _ = OF_PROGRAM.set(Compiler::with(program));
        }
        return None;
    }
    let mut number = || arguments.next().and_then(|text| text.to_str()?.parse().ok());
    Some(match number().zip(number()) {
        Some((seconds, memory)) => answer(seconds, memory),
        None => 2,
    })
}

fn answer(seconds: u64, memory: u64) -> u8 {
    let compile = || {
        limit(seconds, memory)?;
        let wasm = bounded::bytes_of(io::stdin().lock())?;
        wasmtime::Engine::new(&config())?.precompile_module(&wasm)
    };
    match compile() {
        Ok(code) => u8::from(io::stdout().lock().write_all(&code).is_err()),
        Err(why) => {
            let _ = write!(io::stderr(), "{why:#}");
            REFUSED
        }
    }
}

/// Holds this process to its bounds.
fn limit(seconds: u64, memory: u64) -> io::Result<()> {
    let limit = |resource, soft, hard: u64| {
        let maximum = Some(hard.min(own(resource)));
        setrlimit(resource, Rlimit { current: Some(soft), maximum })
    };
    // At the hard limit the signal is SIGKILL, which others send, too.
    limit(Resource::Cpu, seconds, seconds.saturating_add(5))?;
    // What is reserved and not written to, by threads and allocators, does not count as data.
    limit(Resource::Data, memory, memory)?;
    // A dump of its memory is of no use to anybody.
    Ok(limit(Resource::Core, 0, 0)?)
}

/// The most that this process may have of a resource.
fn own(resource: Resource) -> u64 {
    getrlimit(resource).maximum.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, Options, Policy, SandboxError};
    use super::*;
    use guests::{accepting, guest};

    fn load(program: &str, wasm: &[u8]) -> Result<Policy, SandboxError> {
        let options = Options { compiler: Some(Compiler::with(program.into())), ..Options::default() };
        Engine::new(options)?.policy_from_wasm("p", wasm)
    }

    #[test]
    fn where_no_process_can_be_started_this_one_compiles() {
        let policy = load("/no/such/program", &accepting()).unwrap();
        assert!(policy.validate("{}", "{}").unwrap().accepted);
        let error = load("/no/such/program", &guest("(i32.const 1)", "(func (result i32))")).unwrap_err();
        assert!(error.to_string().contains("type mismatch"), "{error}");
    }

    #[test]
    fn what_gives_no_code_is_an_error() {
        // One that ends in another way, and one that gives nothing.
        for (program, why) in
            [("false", "its compiler ended with exit status: 1"), ("true", "cannot run in this sandbox")]
        {
            let error = load(program, &accepting()).unwrap_err().to_string();
            assert!(error.contains(why), "{program}: {error}");
        }
    }

    #[test]
    fn what_is_too_much_is_said() {
        let compiler = Compiler { program: PathBuf::new(), time: Duration::from_secs(60), memory: 2 << 30 };
        let end = |script: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let answer = converse(shell.spawn().unwrap(), b"module").unwrap();
            compiler.read(answer).map(|compiled| compiled.0)
        };
        assert_eq!(end("cat"), Ok(b"module".to_vec()));
        assert_eq!(end("kill -XCPU $$"), Err(ErrorKind::CompileTime(Duration::from_secs(60))));
        assert_eq!(
            end("echo 'memory allocation of 8 bytes failed' >&2; kill -ABRT $$"),
            Err(ErrorKind::CompileMemory(2 << 30))
        );
        assert_eq!(end("printf 'no such type' >&2; exit 3"), Err(ErrorKind::Unsupported("no such type".to_owned())));
        let killed = end("kill -KILL $$").unwrap_err().to_string();
        assert!(killed.contains("its compiler ended with signal: 9"), "{killed}");
    }
}
