// The form of a plan: sliders beside their numbers, shares of weights, sites put on a list by a button, faults shown.

import { element } from "./dom.js";
import { share } from "./figures.js";

const words = JSON.parse(document.body.dataset.planWords);
const form = document.getElementById("plan-form");
const faults = document.getElementById("form-faults");

function sliders() {
  for (const slide of form.querySelectorAll(".slide")) {
    const field = form.elements[slide.dataset.of];
    slide.hidden = false;
    slide.addEventListener("input", () => {
      field.value = slide.value;
      shares();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("input", () => follow(slide, field));
    follow(slide, field);
  }
  shares();
}

// A weight over 100 is as good as any: the slider grows with it.
function follow(slide, field) {
  const value = Number(field.value);
  if (!Number.isFinite(value)) return;
  if (value > Number(slide.max)) slide.max = String(Math.ceil(value));
  slide.value = String(value);
  shares();
}

function shares() {
  const places = [...form.querySelectorAll("[data-share]")];
  const values = places.map((place) => Math.max(0, Number(form.elements[place.dataset.share].value) || 0));
  const sum = values.reduce((all, value) => all + value, 0);
  places.forEach((place, at) => {
    place.textContent = sum > 0 ? share(values[at] / sum) : "—";
  });
}

export function fields() {
  const data = new FormData(form);
  // the boxes of a plan file are sent with the form only when the file is handed in
  for (const name of ["file", "text"]) data.delete(name);
  return new URLSearchParams(data);
}

// Calls back when something of the form has changed: at once where a choice was made, a moment later while one types.
export function onChange(call) {
  let pause = 0;
  const soon = (wait) => {
    clearTimeout(pause);
    pause = setTimeout(call, wait);
  };
  form.addEventListener("input", (event) => {
    if (event.target.matches(".slide")) return; // its number says the same
    soon(event.target.matches("textarea, input[type=text], input:not([type])") ? 900 : 250);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.id === "take-file") return;
    event.preventDefault();
    soon(0);
  });
}

function listed(name) {
  return form.elements[name].value.split(/[\s,;，、；]+/).filter(Boolean);
}

function put(name, entries) {
  form.elements[name].value = entries.join("\n");
}

// Fixes or forbids a site; it leaves the other list, and whatever was said of it with another sector.
export function wish(name, site, sector = "") {
  const of = (entry) => entry.split("=")[0] === site;
  for (const list of ["fixed", "forbidden"]) put(list, listed(list).filter((entry) => !of(entry)));
  put(name, [...listed(name), sector ? `${site}=${sector}` : site]);
  document.getElementById("wishes").open = true;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

// Where pairs are compared, the weights follow from them: they are shown, and cannot be typed.
export function showWeights(given) {
  for (const field of form.querySelectorAll('[name^="weights."]')) {
    const slide = form.querySelector(`.slide[data-of="${field.name}"]`);
    field.readOnly = slide.disabled = given !== null;
    if (given === null) continue;
    field.value = String(Math.round(given[field.name.slice("weights.".length)] * 10000) / 100);
    follow(slide, field);
  }
}

export function clearComparisons() {
  for (const field of form.querySelectorAll('[name^="comparisons."]')) field.value = "";
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

export function showFaults(entries) {
  for (const field of form.querySelectorAll('[aria-invalid="true"]')) field.removeAttribute("aria-invalid");
  for (const old of form.querySelectorAll(".fault")) old.remove();
  faults.hidden = entries.length === 0;
  if (!entries.length) {
    faults.replaceChildren();
    return;
  }
  const lines = entries.map(({ entry, said, label }) => {
    const field = fieldOf(entry);
    field?.setAttribute("aria-invalid", "true");
    unfold(field);
    const name = field?.id ? element("a", { href: `#${field.id}` }, label ?? entry) : (label ?? entry);
    return element("li", {}, name, entry ? ": " : "", said);
  });
  faults.replaceChildren(element("p", {}, words.refused), element("ul", {}, ...lines));
}

// apart.0.1 is about the field apart
function fieldOf(entry) {
  for (let name = entry; name; name = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "") {
    const found = document.getElementById(`f-${name}`);
    if (found) return found.matches("input, select, textarea") ? found : (found.querySelector("input, select") ?? found);
  }
  return null;
}

function unfold(field) {
  for (let fold = field?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

// A link in an answer leads to a field: open what it is folded in.
export function openField(hash) {
  const field = document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!field || !form.contains(field)) return false;
  unfold(field);
  field.scrollIntoView({ block: "center" });
  field.focus();
  return true;
}

sliders();
