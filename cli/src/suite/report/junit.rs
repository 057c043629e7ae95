//! JUnit's XML: a suite for every suite, a case for every test.

use std::io::{self, Write};

use super::super::run::{Status, SuiteResult, TestResult};
use super::{Summary, diff};
use crate::report::{attribute, markup};

/// Writes one document.
pub(in super::super) fn write(results: &[SuiteResult], summary: Summary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    // A suite that cannot be read has one case, which says so.
    let unread = results.iter().filter(|result| result.tests.is_err()).count();
    let Summary { tests, failed, errors, .. } = summary;
    let tests = tests + unread;
    writeln!(out, "<testsuites name=\"harden test\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\">")?;
    for result in results {
        let Summary { tests, failed, skipped, errors, .. } = Summary::of_suite(result);
        let tests = tests + usize::from(result.tests.is_err());
        let name = attribute(&result.name);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\">"
        )?;
        match &result.tests {
            Ok(tests) => tests.iter().try_for_each(|test| write_test(&result.path, test, out))?,
            Err(message) => write_case(&result.path, "can be read", &error("no-suite", message), out)?,
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_test(path: &str, test: &TestResult, out: &mut dyn Write) -> io::Result<()> {
    let inner = match &test.status {
        Status::Passed => String::new(),
        Status::Skipped(why) => format!("<skipped message=\"{}\"/>", attribute(why)),
        Status::Broken(why) => error("not-run", &format!("{path}:{}: {why}", test.line)),
        Status::Failed(mismatches) => {
            let what: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.what).collect();
            let message = attribute(&format!("not as expected: {}", what.join(", ")));
            let lines: Vec<String> = diff(test).into_iter().map(|(_, line)| line).collect();
            let detail = markup(&format!("{path}:{}\n{}", test.line, lines.join("\n")));
            format!("<failure message=\"{message}\" type=\"mismatch\">{detail}</failure>")
        }
    };
    write_case(path, &test.name, &inner, out)
}

fn write_case(path: &str, name: &str, inner: &str, out: &mut dyn Write) -> io::Result<()> {
    let (path, name) = (attribute(path), attribute(name));
    match inner {
        "" => writeln!(out, "    <testcase classname=\"{path}\" name=\"{name}\"/>"),
        inner => writeln!(out, "    <testcase classname=\"{path}\" name=\"{name}\">{inner}</testcase>"),
    }
}

fn error(kind: &str, message: &str) -> String {
    format!("<error message=\"{}\" type=\"{kind}\"/>", attribute(message))
}
