//! The matrix as a table.

use std::io::{self, Write};

use super::super::escape::{attribute, inline};
use super::super::matrix::{Cell, Matrix, Row, State};
use super::super::rules::Book;
use super::looks;

/// Writes the legend and the table; each cell with findings links to them.
pub(super) fn write(matrix: &Matrix<'_>, book: &Book, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Workload by rule</h2>")?;
    write_tools(matrix, out)?;
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"matrix\" tabindex=\"0\">\n<table id=\"table\">\n\
         <caption>Rows are workloads, columns are rules. A cell with findings opens them; a rule opens what it demands.</caption>"
    )?;
    write_head(matrix, book, out)?;
    let mut file = None;
    for (at, row) in matrix.rows.iter().enumerate() {
        if file != Some(row.file_index) {
            if file.is_some() {
                writeln!(out, "</tbody>")?;
            }
            file = Some(row.file_index);
            writeln!(
                out,
                "<tbody>\n<tr class=\"file\"><th scope=\"rowgroup\" colspan=\"{}\"><span>{}</span></th></tr>",
                matrix.columns.len() + 1,
                inline(&row.file.path)
            )?;
        }
        write_row(matrix, at, row, out)?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n<p id=\"none\" hidden>No workload matches.</p>\n</section>")
}

/// The legend, and what narrows the table down where scripts run.
fn write_tools(matrix: &Matrix<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div class=\"tools\">\n<ul class=\"legend\" aria-label=\"Legend\">")?;
    for state in State::ALL {
        let (class, sign, _) = looks(state);
        let count = matrix.count(state);
        if count > 0 {
            let meaning = match state {
                State::Fixable => "violation, <code>harden fix</code> repairs it".to_owned(),
                other => looks(other).2.to_owned(),
            };
            writeln!(
                out,
                "<li><span class=\"sign {class}\" aria-hidden=\"true\">{sign}</span> {meaning} <small>{count}</small></li>"
            )?;
        }
    }
    writeln!(
        out,
        "</ul>\n<div id=\"filter\" hidden>\n\
         <label>Find <input id=\"search\" type=\"search\" placeholder=\"name, kind or file\" autocomplete=\"off\"></label>\n\
         <label><input id=\"only\" type=\"checkbox\"> only with findings</label>\n</div>\n</div>"
    )
}

fn write_head(matrix: &Matrix<'_>, book: &Book, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<thead>\n<tr><th scope=\"col\" class=\"corner\">Workload</th>")?;
    for (at, id) in matrix.columns.iter().enumerate() {
        let (rule, id) = (book.rule(id), inline(id));
        let title = attribute(&rule.title);
        writeln!(out, "<th scope=\"col\" class=\"rule\"><a href=\"#r{at}\" title=\"{title}\">{id}</a></th>")?;
    }
    writeln!(out, "</tr>\n</thead>")
}

fn write_row(matrix: &Matrix<'_>, at: usize, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
    let object = row.object;
    let name = if object.name.is_empty() { "(no name)" } else { &object.name };
    let namespace = if object.namespace.is_empty() { String::new() } else { format!("{}/", inline(&object.namespace)) };
    writeln!(
        out,
        "<tr><th scope=\"row\"><small>{}</small> <span class=\"name\">{namespace}<b>{}</b></span></th>",
        inline(&object.kind),
        inline(name)
    )?;
    for (column, cell) in row.cells.iter().enumerate() {
        write_cell(matrix.columns[column], at, column, cell, out)?;
    }
    writeln!(out, "</tr>")
}

fn write_cell(rule: &str, row: usize, column: usize, cell: &Cell<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (class, sign, meaning) = looks(cell.state);
    let sign = format!("<span aria-hidden=\"true\">{sign}</span><span class=\"say\">{meaning}</span>");
    match cell.found().len() {
        0 => writeln!(out, "<td class=\"{class}\">{sign}</td>"),
        count => {
            let number = if count > 1 { format!("<sub aria-hidden=\"true\">{count}</sub>") } else { String::new() };
            let plural = if count == 1 { "finding" } else { "findings" };
            let title = attribute(&format!("{rule}: {meaning} ({count} {plural})"));
            writeln!(
                out,
                "<td class=\"{class}\"><a href=\"#c{row}-{column}\" title=\"{title}\">{sign}{number}<span class=\"say\">, {count} {plural}</span></a></td>"
            )
        }
    }
}
