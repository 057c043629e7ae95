//! Formats of reports.

hardening::setting_words! {
    /// Formats of the report.
    pub enum Format {
        /// For people, with the lines in question
        Text = "text",
        /// One line a finding
        Concise = "concise",
        /// Workload by rule, in the terminal
        Matrix = "matrix",
        /// For programs
        Json = "json",
        /// SARIF 2.1.0, for code scanning
        Sarif = "sarif",
        /// JUnit's XML, for test reports
        Junit = "junit",
        /// Annotations of GitHub Actions
        Github = "github",
        /// GitLab's code quality report
        Gitlab = "gitlab",
        /// For comments on pull requests
        Markdown = "markdown",
        /// One page: score, workload by rule, every finding
        Html = "html",
    }
}
