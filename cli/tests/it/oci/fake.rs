//! A server that answers as it is told, right or wrong, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The reply to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A status with further header lines, and a body with its length.
    Status(u16, &'static str, Vec<u8>),
    /// A body under a length that is not its own; then the connection ends.
    Length(usize, Vec<u8>),
    /// Nothing: the connection ends.
    Nothing,
    /// Bytes without end.
    Endless,
    /// A body that comes byte by byte, ten in a second.
    Trickle(Vec<u8>),
    /// Nothing, over a connection that stays open.
    Silence,
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
        Reply::Status(200, "", body.into())
    }
}

/// The server; its thread ends with the process.
pub(crate) struct Fake {
    host: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts a server; `answer` gets its host, the request line's method and path, and the whole request.
    pub(crate) fn start(answer: impl Fn(&str, &str, &str) -> Reply + Send + 'static) -> Fake {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let fake = Fake { host: host.clone(), asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let request = read(&mut stream);
                let line = request.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
                let reply = answer(&host, &line, &request);
                asked.lock().unwrap().push(request);
                // Others are answered in the meantime. Whoever asked may have heard enough.
                if matches!(reply, Reply::Trickle(_) | Reply::Silence) {
                    thread::spawn(move || send(&mut stream, reply));
                } else {
                    let _ = send(&mut stream, reply);
                }
            }
        });
        fake
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// A reference to something it claims to have.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("registry://{}/{rest}", self.host)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads a request with its body.
fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    let _ = stream.read_exact(&mut body);
    request.extend(body);
    String::from_utf8_lossy(&request).into_owned()
}

fn send(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let mut head = |status: u16, rest: &str| write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\n{rest}\r\n");
    match reply {
        Reply::Status(status, headers, body) => {
            head(status, &format!("{headers}Content-Length: {}\r\n", body.len()))?;
            stream.write_all(&body)
        }
        Reply::Length(length, body) => {
            head(200, &format!("Content-Length: {length}\r\n"))?;
            stream.write_all(&body)
        }
        Reply::Nothing => Ok(()),
        Reply::Endless => {
            head(200, "")?;
            // Ends when the other side hangs up; far beyond every limit otherwise.
            (0..4096).try_for_each(|_| stream.write_all(&[b' '; 1 << 20]))
        }
        Reply::Trickle(body) => {
            head(200, &format!("Content-Length: {}\r\n", body.len()))?;
            body.iter().try_for_each(|byte| {
                thread::sleep(Duration::from_millis(100));
                stream.write_all(&[*byte])
            })
        }
        // Until the other side hangs up.
        Reply::Silence => stream.read(&mut [0]).map(drop),
    }
}
