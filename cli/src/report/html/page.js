"use strict";
// The page works without this; it adds focus, Escape, arrow keys and the filter.
const table = document.getElementById("table");
const panelOf = (hash) => {
  const found = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  return found && found.classList.contains("panel") ? found : null;
};
let opener = null;

function show() {
  document.querySelectorAll("[data-open]").forEach((panel) => panel.removeAttribute("data-open"));
  document.querySelectorAll("[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
  const panel = panelOf(location.hash);
  if (panel) {
    panel.setAttribute("data-open", "");
    const link = table && table.querySelector('a[href="#' + panel.id + '"]');
    if (link) {
      opener = link;
      link.setAttribute("aria-current", "true");
    }
    panel.focus({ preventScroll: true });
  } else if (opener) {
    opener.focus({ preventScroll: true });
    opener = null;
  }
}

function close() {
  const { scrollX, scrollY } = window;
  location.hash = "#top";
  window.scrollTo(scrollX, scrollY);
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".close")) {
    event.preventDefault();
    close();
  } else if (panelOf(location.hash) && !event.target.closest(".panel, a, input, label")) {
    close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panelOf(location.hash)) {
    close();
    return;
  }
  const cell = document.activeElement && document.activeElement.closest("td, thead th.rule");
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!cell || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...table.rows].filter((row) => !row.hidden && !row.classList.contains("file"));
  let row = rows.indexOf(cell.parentNode);
  let column = cell.cellIndex;
  // On to the next cell that has something to open.
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row] && rows[row].cells[column];
    if (!next) return;
    const link = next.querySelector("a");
    if (link) {
      event.preventDefault();
      link.focus();
      return;
    }
  }
});

function filter() {
  const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.getElementById("only").checked;
  let shown = 0;
  for (const body of table.tBodies) {
    const [file, ...rows] = body.rows;
    let inFile = 0;
    for (const row of rows) {
      const text = (row.cells[0].textContent + " " + file.textContent).toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) || (only && !row.querySelector("td a"));
      inFile += row.hidden ? 0 : 1;
    }
    file.hidden = inFile === 0;
    shown += inFile;
  }
  document.getElementById("none").hidden = shown > 0;
}

if (table) {
  document.getElementById("filter").hidden = false;
  document.getElementById("search").addEventListener("input", filter);
  document.getElementById("only").addEventListener("change", filter);
}
window.addEventListener("hashchange", show);
show();
