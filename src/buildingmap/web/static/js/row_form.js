// Changes rows in place: reads the row when its form opens, sends what was changed, says what was refused at its
// field, and when someone else was quicker shows both and keeps what was typed.

import { element } from "./dom.js";
import { Conflict, Refused, addRow, changeRow, deleteRow, readRow } from "./records.js";

const host = document.getElementById("row-forms");
export const words = JSON.parse(host.dataset.words);
const status = document.getElementById("row-status");
const KEPT = "buildingmap-row-saved";

const filled = (message, values) => message.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
const percent = (share) => Number((share * 100).toPrecision(12));

export class RowForm {
  constructor(dialog) {
    this.dialog = dialog;
    this.form = dialog.querySelector("form");
    this.table = this.form.dataset.table;
    this.fixed = JSON.parse(this.form.dataset.fixed);
    this.problem = this.form.querySelector("[data-problem]");
    this.conflict = this.form.querySelector(".conflict");
    this.remove = this.form.querySelector("[data-delete]");
    this.removeWord = this.remove?.textContent;
    this.names = [...new Set([...this.form.elements].map((field) => field.name).filter(Boolean))];
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.form.querySelector("[data-cancel]").addEventListener("click", () => this.leave() && dialog.close());
    dialog.addEventListener("cancel", (event) => {
      if (!this.leave()) event.preventDefault();
    });
    dialog.addEventListener("close", () => this.opener?.focus());
    this.form.querySelector("[data-mine]").addEventListener("click", () => this.writeMine());
    this.form.querySelector("[data-theirs]").addEventListener("click", () => this.takeTheirs());
    this.remove?.addEventListener("click", () => this.askAndDelete());
  }

  // row: its id, version and values; null for a new one
  open(opener, row) {
    this.opener = opener;
    this.row = row;
    this.theirs = null;
    this.warned = false;
    this.form.querySelector("[data-row-name]").textContent = row ? (row.values.name ?? row.values.label ?? row.id) : "";
    for (const name of this.names) this.write(name, row?.values[name]);
    if (this.remove) {
      this.remove.hidden = !row;
      this.remove.textContent = this.removeWord;
    }
    this.clear();
    this.settle(true);
    this.dialog.showModal();
    this.first().focus();
  }

  // Whether the form may be closed: what was typed is not thrown away at the first Escape.
  leave() {
    const typed = this.names.some((name) => !same(this.read(name), this.row?.values[name] ?? this.blank(name)));
    if (!typed || this.warned) return true;
    this.warned = true;
    this.tell(words.discard);
    return false;
  }

  // What an empty form of a new row holds.
  blank(name) {
    const field = this.fields(name)[0];
    if (field.dataset.kind === "list") return [];
    return field.tagName === "SELECT" && field.required ? field.options[0].value : null;
  }

  first() {
    return [...this.form.elements].find((field) => field.name);
  }

  fields(name) {
    return [...this.form.elements].filter((field) => field.name === name);
  }

  write(name, value) {
    for (const field of this.fields(name)) {
      if (field.dataset.kind === "list") field.checked = (value ?? []).includes(field.value);
      else if (field.dataset.kind === "percent") field.value = value == null ? "" : percent(value);
      else field.value = value ?? this.blank(name) ?? "";
    }
  }

  // What is in a field, as the registry's value; undefined where it cannot be read.
  read(name) {
    const fields = this.fields(name);
    const { kind } = fields[0].dataset;
    if (kind === "list") return fields.filter((field) => field.checked).map((field) => field.value);
    const text = fields[0].value.trim();
    if (text === "") return null;
    if (kind === "flag") return text === "true";
    if (kind !== "number" && kind !== "percent") return text;
    const value = Number(text.replace(/[,，\s%％]/g, ""));
    if (!Number.isFinite(value)) return undefined;
    return kind === "percent" ? Number((value / 100).toPrecision(12)) : value;
  }

  // Every field that differs from what was read, or null where one cannot be read.
  changes() {
    const found = {};
    let good = true;
    for (const name of this.names) {
      const value = this.read(name);
      const needed = this.fields(name)[0].required && value === null;
      if (value === undefined || needed) {
        this.say(name, needed ? words.needed : words.number);
        good = false;
      } else if (!same(value, this.row?.values[name])) found[name] = value;
    }
    return good ? found : null;
  }

  clear() {
    this.problem.hidden = true;
    for (const name of this.names) this.say(name, "");
  }

  say(name, text) {
    const place = document.getElementById(`${this.table}-${name}-fault`);
    if (!place) return false;
    place.textContent = text;
    for (const field of this.fields(name)) {
      if (text) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    return true;
  }

  tell(text) {
    this.problem.textContent = text;
    this.problem.hidden = false;
  }

  save() {
    this.clear();
    const changed = this.changes();
    if (changed === null) this.form.querySelector('[aria-invalid="true"]').focus();
    else if (!this.row) this.attempt(async () => addRow(this.table, await this.prepared({ ...changed, ...this.fixed })));
    else if (Object.keys(changed).length === 0) this.dialog.close();
    else this.attempt(async () => changeRow(this.table, this.row.id, this.row.version, await this.prepared(changed)));
  }

  // What is sent of what was typed, where the server is to be asked first.
  async prepared(values) {
    return values;
  }

  askAndDelete() {
    if (this.remove.textContent === this.removeWord) this.remove.textContent = words.really;
    else this.attempt(() => deleteRow(this.table, this.row.id, this.row.version));
  }

  async attempt(write) {
    this.tell(words.saving);
    try {
      await write();
      sessionStorage.setItem(KEPT, JSON.stringify({ table: this.table, row: this.row?.id ?? null }));
      location.reload();
    } catch (error) {
      if (error instanceof Refused) this.refused(error.faults);
      else if (error instanceof Conflict) this.collided(error);
      else this.tell(error.unreachable ? words.unreachable : `${words.refused} ${error.message}`);
    }
  }

  refused(faults, said = { all: words.marked, others: words.refused }) {
    const others = faults.filter(({ field, found, expected }) => !this.say(field, filled(words.fault, { found, expected }))).map(({ line }) => line);
    this.tell(others.length ? [said.others, ...others].join(" ") : said.all);
    this.form.querySelector('[aria-invalid="true"]')?.focus();
  }

  // Someone was quicker: what they changed beside what was typed; nothing typed is lost.
  collided({ current }) {
    if (!current) {
      this.tell(words.gone);
      return;
    }
    const mine = this.changes() ?? {};
    const shown = this.names.filter((name) => !same(this.row?.values[name], current.values[name]));
    const both = shown.filter((name) => name in mine);
    for (const name of shown) if (!both.includes(name)) this.write(name, current.values[name]);
    this.theirs = current;
    const when = new Date(current.changed_at).toLocaleString(words.lang === "en" ? "en-GB" : "zh-CN");
    const said = this.conflict.querySelector("[data-conflict-said]");
    said.textContent = filled(words.conflict, { who: current.changed_by, when });
    const rows = shown.map((name) =>
      element("tr", {}, element("th", { scope: "row" }, this.label(name)), element("td", {}, this.shown(name, current.values[name])), element("td", {}, name in mine ? this.shown(name, mine[name]) : "—")),
    );
    this.conflict.querySelector("tbody").replaceChildren(...rows);
    const fields = both.map((name) => this.label(name)).join(", ");
    this.conflict.querySelector("[data-conflict-note]").textContent = both.length ? filled(words.same_fields, { fields }) : words.other_fields;
    this.form.querySelector("[data-mine]").hidden = Object.keys(mine).length === 0;
    this.settle(false);
    said.focus();
  }

  // While a conflict stands open there is nothing to save: one writes over it, or takes theirs.
  settle(done) {
    this.problem.hidden = true;
    this.conflict.hidden = done;
    this.form.querySelector("button.main").hidden = !done;
  }

  label(name) {
    const field = this.fields(name)[0];
    return (field.closest("fieldset")?.querySelector("legend") ?? field.labels[0]).firstChild.textContent.trim();
  }

  // A value as the form itself would show it.
  shown(name, value) {
    const field = this.fields(name)[0];
    if (value == null || value === "") return words.unknown;
    if (field.dataset.kind === "percent") return `${percent(value)}%`;
    if (field.dataset.kind === "list") return this.fields(name).filter((box) => value.includes(box.value)).map((box) => box.labels[0].textContent.trim()).join(", ");
    if (field.tagName === "SELECT") return [...field.options].find((option) => option.value === String(value))?.textContent ?? String(value);
    return String(value);
  }

  // Only the fields that were changed here go over theirs; what they changed besides stays.
  writeMine() {
    this.clear();
    const mine = this.changes();
    if (mine === null) {
      this.form.querySelector('[aria-invalid="true"]').focus();
      return;
    }
    this.row = this.theirs;
    this.settle(true);
    this.attempt(async () => changeRow(this.table, this.row.id, this.row.version, await this.prepared(mine)));
  }

  takeTheirs() {
    this.row = this.theirs;
    this.settle(true);
    this.clear();
    for (const name of this.names) this.write(name, this.row.values[name]);
    this.first().focus();
  }
}

// Forms of a page's own kind, by table; made when they are first opened.
export const kinds = new Map();
const forms = new Map();

function formOf(table) {
  if (!forms.has(table)) {
    const dialog = [...host.querySelectorAll("dialog")].find((each) => each.querySelector("form").dataset.table === table);
    forms.set(table, new (kinds.get(table) ?? RowForm)(dialog));
  }
  return forms.get(table);
}

export async function open(button) {
  const { table, row } = button.dataset;
  if (!row) {
    formOf(table).open(button, null);
    return;
  }
  status.textContent = words.loading;
  try {
    formOf(table).open(button, await readRow(table, row));
    status.textContent = "";
  } catch (error) {
    status.textContent = error.unreachable ? words.unreachable : error.message;
  }
}

for (const button of document.querySelectorAll(".edit-row")) {
  button.hidden = false;
  button.addEventListener("click", () => open(button));
}

// After a change the page is made anew; whoever made it goes on from where they were.
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
sessionStorage.removeItem(KEPT);
if (kept) {
  status.textContent = words.saved;
  const buttons = [...document.querySelectorAll(".edit-row")].filter((button) => button.dataset.table === kept.table);
  (buttons.find((button) => button.dataset.row === kept.row) ?? buttons[0])?.focus();
}
