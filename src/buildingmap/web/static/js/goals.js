// The goals' form: adds and changes in place, says what was refused beside its field, keeps what was typed.

import { Conflict, Refused, addRow, changeRow, deleteRow } from "./records.js";

const form = document.getElementById("goal-form");
const words = JSON.parse(form.dataset.words);
const problem = form.querySelector(".problem");
const remove = form.querySelector("[data-delete]");
const removeWord = remove.textContent;
const fields = [...form.querySelectorAll("input")];
let row = null; // the goal under edit: its id, its version and the values that were read
let opener = null;

const add = document.getElementById("add-goal");
add.hidden = false;
add.addEventListener("click", () => open(add, null));
for (const button of document.querySelectorAll(".edit-goal")) {
  const { id, version, values } = button.dataset;
  button.hidden = version === "";
  button.addEventListener("click", () => open(button, { id, version: Number(version), values: JSON.parse(values) }));
}
form.querySelector("[data-cancel]").addEventListener("click", close);
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
remove.addEventListener("click", () => {
  if (remove.textContent === removeWord) remove.textContent = words.really;
  else attempt(() => deleteRow("goal", row.id, row.version));
});

function open(button, chosen) {
  opener = button;
  row = chosen;
  for (const field of fields) field.value = chosen?.values[field.name] ?? "";
  remove.hidden = !chosen;
  remove.textContent = removeWord;
  clear();
  form.hidden = false;
  fields[0].focus();
}

function close() {
  form.hidden = true;
  opener?.focus();
}

function clear() {
  problem.hidden = true;
  for (const field of fields) say(field.name, "");
}

function say(name, text) {
  const field = form.elements[name];
  const place = document.getElementById(`goal-${name}-fault`);
  if (!field || !place) return false;
  place.textContent = text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return true;
}

function tell(text) {
  problem.textContent = text;
  problem.hidden = false;
}

// What was typed, as the registry's values; an empty field is unknown. Null where a number is none.
function typed() {
  const values = {};
  let good = true;
  for (const field of fields) {
    const text = field.value.trim();
    const asNumber = Number(text.replace(/[,，\s]/g, ""));
    if (text && "number" in field.dataset && !Number.isFinite(asNumber)) {
      say(field.name, words.number);
      good = false;
    }
    values[field.name] = text === "" ? null : "number" in field.dataset ? asNumber : text;
  }
  return good ? values : null;
}

function save() {
  clear();
  const values = typed();
  if (values === null) {
    form.querySelector('[aria-invalid="true"]').focus();
    return;
  }
  if (!row) {
    attempt(() => addRow("goal", values));
    return;
  }
  const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== (row.values[name] ?? null)));
  if (Object.keys(changed).length === 0) close();
  else attempt(() => changeRow("goal", row.id, row.version, changed));
}

async function attempt(write) {
  tell(words.saving);
  try {
    await write();
    location.reload();
  } catch (error) {
    if (error instanceof Refused) refused(error.faults);
    else if (error instanceof Conflict) conflict(error);
    else tell(error.unreachable ? words.unreachable : `${words.refused} ${error.message}`);
  }
}

function refused(faults) {
  const others = faults.filter(({ field, expected }) => !say(field, expected)).map(({ line }) => line);
  tell([words.refused, ...others].join(" "));
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function conflict({ current, changed }) {
  if (!current) {
    tell(words.gone);
    return;
  }
  row = { ...row, version: current.version, values: current.values };
  for (const name of changed) say(name, words.theirs.replace("%(value)s", current.values[name] ?? "—"));
  tell(words.conflict.replace("%(who)s", current.changed_by ?? ""));
}
