//! The matrix as a table.

use maud::{Markup, html};

use super::super::matrix::{Cell, Matrix, Row, State};
use super::super::proof::{self, Proof};
use super::super::rules::RuleDocs;
use super::super::words::plural;
use super::{NL, looks};
use lint::escape::one_line;

/// The legend and the table; each cell with findings links to them.
pub(super) fn section(matrix: &Matrix<'_>, docs: &RuleDocs, proofs: &[Proof]) -> Markup {
    let rows: Vec<(usize, &Row<'_>)> = matrix.rows.iter().enumerate().collect();
    html! {
        section aria-labelledby="matrix" { (NL)
            h2 id="matrix" { "Workload by rule" } (NL)
            (tools(matrix)) (NL)
            div class="scroll" role="region" aria-labelledby="matrix" tabindex="0" { (NL)
                table id="table" { (NL)
                    caption {
                        "Rows are workloads, columns are rules, the most severe first. A cell with findings opens them; a rule opens what it demands."
                    } (NL)
                    (head(matrix, docs, !proofs.is_empty())) (NL)
                    @for rows in rows.chunk_by(|(_, a), (_, b)| a.file_index == b.file_index) {
                        (body(matrix, rows, proofs)) (NL)
                    }
                } (NL)
            } (NL)
            p id="none" hidden { "No workload matches." } (NL)
        }
    }
}

/// The legend, and what narrows the table down where scripts run.
fn tools(matrix: &Matrix<'_>) -> Markup {
    html! {
        div class="tools" { (NL)
            ul class="legend" aria-label="Legend" { (NL)
                @for state in State::ALL {
                    @let (class, sign, meaning) = looks(state);
                    @let count = matrix.count(state);
                    @if count > 0 {
                        li {
                            span class={ "sign " (class) } aria-hidden="true" { (sign) } " "
                            @if state == State::Fixable {
                                "violation, " code { "harden fix" } " repairs it"
                            } @else {
                                (meaning)
                            }
                            " " small { (count) }
                        } (NL)
                    }
                }
            } (NL)
            div id="filter" hidden { (NL)
                label { "Find " input id="search" type="search" placeholder="name, kind or file" autocomplete="off"; } (NL)
                label { input id="only" type="checkbox"; " only with findings" } (NL)
            } (NL)
        }
    }
}

fn head(matrix: &Matrix<'_>, docs: &RuleDocs, has_proofs: bool) -> Markup {
    html! {
        thead { (NL)
            tr {
                th scope="col" class="corner" { "Workload" }
                @if has_proofs { (NL) th scope="col" { "Proof" } }
                @for (at, id) in matrix.columns.iter().enumerate() {
                    (NL)
                    @let rule = docs.rule(id);
                    th scope="col" class="rule" {
                        a href={ "#r" (at) } title=(one_line(&rule.title)) {
                            (one_line(id)) @if rule.severity.is_some() { " " small { (rule.severity_word()) } }
                        }
                    }
                }
            } (NL)
        }
    }
}

/// The workloads of one file.
fn body(matrix: &Matrix<'_>, rows: &[(usize, &Row<'_>)], proofs: &[Proof]) -> Markup {
    let columns = matrix.columns.len() + 1 + usize::from(!proofs.is_empty());
    html! {
        tbody { (NL)
            @if let Some((_, first)) = rows.first() {
                tr class="file" {
                    th scope="rowgroup" colspan=(columns) { span { (one_line(&first.file.path)) } }
                } (NL)
            }
            @for (at, row) in rows {
                @let object = row.object;
                tr {
                    th scope="row" {
                        small { (one_line(&object.kind)) } " "
                        span class="name" {
                            @if !object.namespace.is_empty() { (one_line(&object.namespace)) "/" }
                            b { @if object.name.is_empty() { "(no name)" } @else { (one_line(&object.name)) } }
                        }
                    }
                    @if !proofs.is_empty() { (NL) (proof_cell(*at, &proof::of(proofs, row.file, object))) }
                    @for (column, cell) in row.cells.iter().enumerate() {
                        (NL) (table_cell(matrix.columns[column], *at, column, cell))
                    }
                } (NL)
            }
        }
    }
}

/// The proof that trial runs give of a workload: that of its worst template.
fn proof_cell(row: usize, proofs: &[&Proof]) -> Markup {
    let worst = proofs.iter().map(|proof| proof.kind.looks()).max_by_key(|(_, sign, _)| "✓±✗".find(sign));
    html! {
        @match worst {
            Some((class, sign, meaning)) => {
                td class=(class) {
                    a href={ "#p" (row) } title=(meaning) {
                        span aria-hidden="true" { (sign) } span class="say" { (meaning) }
                    }
                }
            }
            None => td class="off" { span aria-hidden="true" { "·" } span class="say" { "not tried" } },
        }
    }
}

fn table_cell(rule: &str, row: usize, column: usize, cell: &Cell<'_>) -> Markup {
    let (class, sign, meaning) = looks(cell.state);
    let count = cell.found().len();
    let findings = plural(count, "finding");
    let said = html! { span aria-hidden="true" { (sign) } span class="say" { (meaning) } };
    html! {
        td class=(class) {
            @if count == 0 {
                (said)
            } @else {
                a href={ "#c" (row) "-" (column) } title={ (one_line(rule)) ": " (meaning) " (" (findings) ")" } {
                    (said)
                    @if count > 1 { sub aria-hidden="true" { (count) } }
                    span class="say" { ", " (findings) }
                }
            }
        }
    }
}
