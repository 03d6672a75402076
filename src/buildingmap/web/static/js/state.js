// The state of the page is its address: the filter, the chosen tower, the towers to compare. The server alone applies it.

import { lang } from "./words.js";

const OWN = ["tower", "compare", "lang"];
let running = null;

export function readAddress() {
  const query = new URLSearchParams(location.search);
  const own = {
    tower: query.get("tower") ?? "",
    compare: (query.get("compare") ?? "").split(",").filter(Boolean),
    lang: query.get("lang") ?? "",
  };
  for (const name of OWN) query.delete(name);
  return { query: query.toString(), ...own };
}

// Written by hand rather than by URLSearchParams, so that commas stay commas and the address stays readable.
export function address(path, { query, tower = "", compare = [], lang: asked = "" }) {
  const readable = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":");
  const parts = [query];
  if (tower) parts.push(`tower=${readable(tower)}`);
  if (compare.length) parts.push(`compare=${readable(compare.join(","))}`);
  if (asked) parts.push(`lang=${asked}`);
  const joined = parts.filter(Boolean).join("&");
  return joined ? `${path}?${joined}` : path;
}

export function formQuery(form) {
  const values = new Map();
  for (const [name, value] of new FormData(form)) {
    if (value) values.set(name, values.has(name) ? `${values.get(name)},${value}` : value);
  }
  return new URLSearchParams([...values]).toString();
}

// Shows a filter in the form; `typed` is the field that is being written in, if any: its text is its writer's.
export function fillForm(form, filter, typed = null) {
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = filter[field.name];
    if (field.type === "checkbox") field.checked = (value ?? []).includes(field.value);
    else if (field.type === "radio") field.checked = String(value ?? "") === field.value;
    else if (field !== typed) field.value = Array.isArray(value) ? value.join(",") : (value ?? "");
  }
}

// The server did not answer: whoever is looking is told so, see map.js.
export class Unreachable extends Error {}

async function asked(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable(path);
  }
}

// Asks the server for the view of a filter; a newer question makes an older one void.
export async function askView(query) {
  running?.abort();
  running = new AbortController();
  const answer = await asked(`/map/view?${query}${query ? "&" : ""}lang=${lang}`, { signal: running.signal });
  return { ok: answer.ok, body: await answer.json() };
}

export async function askJson(path) {
  const answer = await asked(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
