// The list of matching towers: the full keyboard path through everything that the map can do.

import { drawn, element } from "./dom.js";
import { bandsOnly, label, labels, money, percent, word } from "./words.js";

const IN_SIGHT = 16;
const PAGE = 60;
const MOST_COMPARED = 6;

// The amount, or the band where the reader is told no amounts.
function taxOf(columns, row) {
  return bandsOnly ? (labels.bands[columns.band[row]] ?? word("unknown_tax")) : money(columns.tax_yuan[row]);
}

export class List {
  constructor(towers, { onChoose, onCompare }) {
    this.towers = towers;
    this.onChoose = onChoose;
    this.onCompare = onCompare;
    this.host = document.getElementById("list");
    this.more = document.getElementById("more");
    this.items = [];
    this.rows = [];
    this.length = PAGE;
    this.compared = new Set();
    this.more.addEventListener("click", () => this.#lengthen());
    this.host.addEventListener("keydown", (event) => this.#walk(event));
  }

  // First what is in sight, so that a filter is on the screen at once; the rest comes with ``fill``.
  show(rows) {
    this.rows = rows;
    this.length = IN_SIGHT;
    this.#paint();
  }

  fill() {
    this.length = Math.max(this.length, PAGE);
    this.#paint(IN_SIGHT);
  }

  compare(rows) {
    this.compared = new Set(rows);
    this.#paint();
  }

  #lengthen() {
    const first = this.length;
    this.length += PAGE;
    this.#paint();
    this.items[first]?.button.focus();
  }

  #paint(from = 0) {
    const count = Math.min(this.rows.length, this.length);
    for (let at = this.items.length; at < count; at += 1) this.items.push(this.#item());
    for (let at = from; at < count; at += 1) this.#fill(this.items[at], this.rows[at]);
    this.items.forEach((item, at) => {
      item.line.hidden = at >= count;
    });
    this.more.hidden = count >= this.rows.length;
    document.getElementById("none").hidden = this.rows.length > 0;
  }

  #item() {
    const path = drawn("path");
    const name = element("b");
    const facts = element("span", { class: "facts" });
    const tax = element("span", { class: "tax" });
    const svg = drawn("svg", { class: "symbol", viewBox: "-12 -12 24 24", "aria-hidden": "true" }, path);
    const button = element("button", { type: "button", class: "tower" }, svg, name, tax, facts);
    const box = element("input", { type: "checkbox" });
    const item = { path, name, facts, tax, button, box, row: -1, line: null };
    item.line = element("li", {}, button, element("label", { class: "pick" }, box, element("span", {}, word("compare_short"))));
    button.addEventListener("click", () => this.onChoose(item.row));
    button.addEventListener("focus", () => this.towers.point(item.row));
    button.addEventListener("blur", () => this.towers.unpoint());
    button.addEventListener("mouseenter", () => this.towers.point(item.row));
    button.addEventListener("mouseleave", () => this.towers.unpoint());
    box.addEventListener("change", () => this.onCompare(item.row, box.checked));
    this.host.append(item.line);
    return item;
  }

  #fill(item, row) {
    const { columns } = this.towers;
    const shape = columns.symbols[columns.symbol[row]];
    const facts = [label("clusters", columns.cluster[row]), label("sectors", columns.sector[row])];
    if (columns.status[row] > 0) facts.push(label("statuses", columns.status[row]));
    else if (columns.vacancy_rate[row] != null) facts.push(word("vacancy", { share: percent(columns.vacancy_rate[row]) }));
    item.row = row;
    item.path.setAttribute("class", shape.css);
    item.path.setAttribute("d", shape.path);
    item.name.textContent = this.towers.name(row);
    item.facts.textContent = facts.join(" · ");
    item.tax.textContent = columns.status[row] > 0 && columns.tax_yuan[row] == null ? "" : taxOf(columns, row);
    item.button.setAttribute("aria-current", String(row === this.towers.chosen));
    item.box.checked = this.compared.has(row);
    item.box.disabled = !item.box.checked && this.compared.size >= MOST_COMPARED;
    item.box.setAttribute("aria-label", word("compare_one", { name: this.towers.name(row) }));
  }

  chosen() {
    for (const item of this.items) item.button.setAttribute("aria-current", String(item.row === this.towers.chosen));
  }

  focus(row) {
    const item = this.items.find((entry) => entry.row === row && !entry.line.hidden);
    (item?.button ?? document.getElementById("results")).focus();
  }

  #walk(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    const at = this.items.findIndex((item) => item.button === document.activeElement);
    if (step === undefined || at < 0) return;
    const next = this.items[at + step];
    if (next && !next.line.hidden) {
      event.preventDefault();
      next.button.focus();
    }
  }
}
