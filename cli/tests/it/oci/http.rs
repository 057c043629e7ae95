//! Just enough HTTP to lay out in a registry what another client would.

use std::io::{Read, Write};
use std::net::TcpStream;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// One request.
pub(crate) fn request(host: &str, method: &str, path: &str, content_type: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: answer[end + 4..].to_vec() }
}

/// Uploads a blob the way the distribution specification describes.
pub(crate) fn put_blob(host: &str, repository: &str, digest: &str, bytes: &[u8]) {
    let begun = request(host, "POST", &format!("/v2/{repository}/blobs/uploads/"), "application/octet-stream", b"");
    assert_eq!(begun.status, 202, "{}", begun.head);
    let location = begun.header("location").unwrap().replacen(&format!("http://{host}"), "", 1);
    let separator = if location.contains('?') { '&' } else { '?' };
    let location = format!("{location}{separator}digest={digest}");
    let done = request(host, "PUT", &location, "application/octet-stream", bytes);
    assert_eq!(done.status, 201, "{}", done.head);
}

/// Uploads a manifest under a tag.
pub(crate) fn put_manifest(host: &str, repository: &str, tag: &str, content_type: &str, manifest: &[u8]) {
    let path = format!("/v2/{repository}/manifests/{tag}");
    let done = request(host, "PUT", &path, content_type, manifest);
    assert_eq!(done.status, 201, "{} {}", done.head, String::from_utf8_lossy(&done.body));
}
