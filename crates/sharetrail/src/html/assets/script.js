// What pages do beyond being read: rows unfold, tables are searched and sorted, a record is shown where it is named.
// Pages can be read without it. It asks nobody but the server that the page came from.
"use strict";

const rowsOf = (table) => Array.from(table.tBodies);
const statusOf = (table) => document.querySelector(`[data-status="${table.id}"]`);

function unfold(button) {
  const unfolded = document.getElementById(button.getAttribute("aria-controls"));
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  unfolded.hidden = !open;
}

function search(input) {
  const table = document.getElementById(input.dataset.search);
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rowsOf(table)) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  const status = statusOf(table);
  status.dataset.all ??= status.textContent;
  status.textContent = words.length ? `${shown.toLocaleString("en")} of ${rowsOf(table).length.toLocaleString("en")} match` : status.dataset.all;
}

function sort(button) {
  const heading = button.closest("th");
  const table = document.getElementById(button.dataset.sort);
  const place = heading.cellIndex;
  const key = (row) => row.rows[0].cells[place].dataset.key;
  const text = (row) => row.rows[0].cells[place].textContent.trim();
  const isNumber = rowsOf(table).some((row) => key(row) !== undefined);
  // Numbers and times begin with the most, texts with A; again turns it round.
  const before = heading.getAttribute("aria-sort");
  const falls = before ? before === "ascending" : isNumber;
  for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
  const collator = new Intl.Collator("en", { numeric: true });
  const compare = (one, two) => isNumber
    ? Number(key(one) ?? -Infinity) - Number(key(two) ?? -Infinity)
    : collator.compare(text(one), text(two));
  const sorted = rowsOf(table).sort((one, two) => (falls ? -compare(one, two) : compare(one, two)));
  table.append(...sorted);
}

async function showRecord(button) {
  const shown = button.parentNode.querySelector("pre");
  if (shown) {
    shown.hidden = !shown.hidden;
    button.textContent = shown.hidden ? "show here" : "hide";
    return;
  }
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  button.parentNode.append(pre);
  button.textContent = "hide";
  try {
    const answer = await fetch(`/api/v1/record?id=${encodeURIComponent(button.dataset.record)}`, { headers: { Accept: "application/json" } });
    const record = await answer.json();
    pre.textContent = answer.ok
      ? record.sightings.map((sighting) => `// as it came by ${sighting.feeds}\n${JSON.stringify(sighting.record, null, 2)}`).join("\n\n")
      : record.error;
  } catch {
    pre.textContent = "The record could not be fetched: is the dashboard still running?";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("aria-controls")) unfold(button);
  else if (button.dataset.sort) sort(button);
  else if (button.dataset.record) showRecord(button);
});
document.addEventListener("input", (event) => {
  if (event.target.dataset.search) search(event.target);
});
