// The map page: one filter state, and everything on the page drawn from the server's one answer to it.

import { Card } from "./card.js";
import { drawBands, drawScatter, drawSectors } from "./charts.js";
import { element } from "./dom.js";
import { List } from "./list.js";
import { Overlays } from "./overlays.js";
import { Unreachable, address, askJson, askView, fillForm, formQuery, readAddress } from "./state.js";
import { Towers } from "./towers.js";
import { exactMoney, integer, lang, markYuan, money, perM2, percent, word } from "./words.js";

const form = document.getElementById("filters");
const state = { ...readAddress(), year: "" };
const { map, layers } = window.foliumMap;
map.attributionControl.setPrefix("Leaflet");
let view = null;

// Whatever was asked for, a server that is away is said in one place.
window.addEventListener("unhandledrejection", (event) => {
  if (!(event.reason instanceof Unreachable)) return;
  event.preventDefault();
  say(word("unreachable"));
});

const columns = await askJson(document.body.dataset.towers);
const towers = new Towers(map, columns, (row) => choose(row));
const rowOf = new Map(columns.ids.map((id, row) => [id, row]));
const list = new List(towers, { onChoose: (row) => choose(row), onCompare: compareOne });
const card = new Card(towers, { onClose: () => unchoose(), onChoose: (row) => choose(row) });
const overlays = new Overlays(map, layers);
let shownYear = columns.year;

function writeAddress({ push = true } = {}) {
  const next = address("/", state);
  if (next === location.pathname + location.search) return;
  if (push) history.pushState(null, "", next);
  else history.replaceState(null, "", next);
}

// Applies a filter: one question, one repaint.
async function apply(query, { push = true, record = true, typing = false } = {}) {
  performance.mark("filter-asked");
  let answer;
  try {
    answer = await askView(query);
  } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  if (!answer.ok) {
    refuse(answer.body.errors ?? [], answer.body.title);
    return;
  }
  if (answer.body.version !== columns.version) {
    state.query = answer.body.query;
    if (record) writeAddress({ push });
    location.reload();
    return;
  }
  view = answer.body;
  if (view.year !== shownYear) await changeYear(view.year);
  state.query = view.query;
  paint({ typing, record, push });
}

// A value that is no answer to the question stays in its field, and the last good view stays on the page.
function refuse(faults, title) {
  const lines = faults.map(({ parameter, expected }) => word("refused", { field: fieldName(parameter), expected }));
  const place = document.getElementById("problem");
  place.textContent = lines.join(" ") || title;
  place.hidden = false;
}

function fieldName(parameter) {
  const field = form.elements[parameter];
  const host = field instanceof Element ? field.closest("fieldset")?.querySelector("legend") : null;
  return host?.textContent ?? parameter;
}

async function changeYear(year) {
  const fresh = await askJson(`/map/towers?v=${columns.version}${year ? `&year=${year}` : ""}`);
  shownYear = year;
  towers.update(fresh);
}

// While someone types, the answer to an earlier letter must not overwrite the later ones.
function paint({ typing, record, push }) {
  document.getElementById("problem").hidden = true;
  fillForm(form, view.filter, typing ? document.activeElement : null);
  document.getElementById("mark").setAttribute("aria-pressed", String(view.filter.tax_min === markYuan));
  towers.show(view.rows);
  list.show(view.rows);
  paintTotals(view.totals);
  paintChips(view.chips);
  document.getElementById("matched").textContent = matched();
  performance.mark("filter-painted");
  const painted = view;
  afterFrame(() => {
    if (painted !== view) return;
    if (record) writeAddress({ push });
    paintRest();
  });
}

function matched() {
  return word("matched", { matched: integer(view.matched), all: integer(columns.ids.length) });
}

// The map, the list and the totals are what the eye waits for: they get a frame of their own, the charts
// and what is scrolled out of sight the next.
function afterFrame(call) {
  requestAnimationFrame(() => setTimeout(call));
}

function paintRest() {
  list.fill();
  drawBands(view.bands, towers.columns.symbols);
  drawSectors(view.sectors);
  drawScatter(towers.columns, view.rows);
  overlays.filter(view.query);
  paintLinks();
  say(matched());
  document.documentElement.dataset.painted = view.query || "all";
}

function paintTotals(totals) {
  const shown = {
    towers: integer(totals.towers),
    past_mark: integer(totals.past_mark),
    tax_yuan: money(totals.tax_yuan),
    tax_year: totals.tax_year ?? "",
    tax_per_m2: perM2(totals.tax_per_m2),
    vacancy_rate: percent(totals.vacancy_rate),
  };
  for (const [name, text] of Object.entries(shown)) {
    const place = document.querySelector(`[data-total="${name}"]`);
    if (!place) continue; // the reader is not told amounts
    place.textContent = text;
    if (name === "tax_yuan") place.title = exactMoney(totals.tax_yuan);
  }
}

function paintChips(chips) {
  const host = document.getElementById("chips");
  const links = chips.map((chip) => {
    const link = element("a", { class: "chip", href: address("/", { ...state, query: chip.query }) }, `${chip.text} `);
    link.append(element("span", { "aria-hidden": "true" }, "×"), element("span", { class: "unseen" }, word("remove")));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      apply(chip.query);
      document.getElementById("chips").focus();
    });
    return link;
  });
  if (chips.length > 1) {
    const all = element("a", { class: "chip clear", href: address("/", { ...state, query: "" }) }, word("clear_all"));
    all.addEventListener("click", (event) => {
      event.preventDefault();
      apply("");
    });
    links.push(all);
  }
  host.replaceChildren(...(links.length ? links : [element("span", { class: "quiet" }, word("no_filter"))]));
}

function paintLinks() {
  const { query } = state;
  for (const link of document.querySelectorAll("[data-download]")) {
    link.href = address(`/download/buildings.${link.dataset.download}`, { query: view.download_query, lang });
  }
  for (const link of document.querySelectorAll("nav [data-page]")) {
    link.href = address(link.dataset.page, { query, lang: state.lang });
  }
  const other = document.querySelector("nav .language");
  other.href = address("/", { ...state, lang: lang === "en" ? "zh" : "en" });
  const bar = document.getElementById("compare");
  bar.hidden = state.compare.length === 0;
  document.getElementById("compare-count").textContent = word("compare_count", { count: state.compare.length });
  const link = document.getElementById("compare-link");
  link.toggleAttribute("aria-disabled", state.compare.length < 2);
  if (state.compare.length < 2) link.removeAttribute("href");
  else link.href = `/compare?${state.compare.map((id) => `id=${encodeURIComponent(id)}`).join("&")}${view.year ? `&year=${view.year}` : ""}`;
}

function say(text) {
  document.getElementById("announce").textContent = text;
}

async function choose(row, { record = true } = {}) {
  state.tower = columns.ids[row];
  towers.choose(row, { move: true });
  list.chosen();
  if (record) writeAddress();
  await card.open(row, view?.year);
}

function unchoose({ record = true } = {}) {
  const row = towers.chosen;
  state.tower = "";
  towers.choose(-1);
  list.chosen();
  card.close();
  if (record) {
    writeAddress();
    list.focus(row);
  }
}

function compareOne(row, on) {
  const id = columns.ids[row];
  state.compare = on ? [...state.compare, id] : state.compare.filter((other) => other !== id);
  writeAddress({ push: false });
  paintCompared();
}

function paintCompared() {
  state.compare = state.compare.filter((id) => rowOf.has(id)).slice(0, 6);
  list.compare(state.compare.map((id) => rowOf.get(id)));
  if (view) paintLinks();
}

let pause = 0;
form.addEventListener("input", (event) => {
  if (event.target.name !== "q") return;
  clearTimeout(pause);
  pause = setTimeout(() => apply(formQuery(form), { push: false, typing: true }), 120);
});
form.addEventListener("change", (event) => {
  if (event.target.name !== "q") apply(formQuery(form), { typing: true });
});
document.getElementById("sort").addEventListener("change", () => apply(formQuery(form), { typing: true }));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  apply(formQuery(form), { typing: true });
});
document.getElementById("mark").addEventListener("click", (event) => {
  const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
  const stop = on ? String(markYuan) : "";
  for (const radio of form.elements.tax_min) radio.checked = radio.value === stop;
  form.elements.tax_max.value = "";
  apply(formQuery(form), { typing: true });
});
document.getElementById("extent").addEventListener("click", () => {
  const box = map.getBounds();
  const sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
  form.elements.bbox.value = sides.map((side) => side.toFixed(5)).join(",");
  apply(formQuery(form), { typing: true });
});
for (const button of document.querySelectorAll("[data-bounds]")) {
  const [west, south, east, north] = JSON.parse(button.dataset.bounds);
  button.addEventListener("click", () => map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [16, 64], paddingBottomRight: [16, 16] }));
}
document.getElementById("compare-clear").addEventListener("click", () => {
  state.compare = [];
  writeAddress({ push: false });
  paintCompared();
  list.focus(-1);
});
window.addEventListener("popstate", async () => {
  Object.assign(state, readAddress());
  await apply(state.query, { record: false });
  paintCompared();
  const row = rowOf.get(state.tower);
  if (row === undefined) unchoose({ record: false });
  else await choose(row, { record: false });
});

// On a phone the filters would push the map off the screen: start with them folded.
if (matchMedia("(max-width: 60rem)").matches) {
  for (const fold of document.querySelectorAll(".filters > details, .legend")) fold.open = false;
}
// Letters that were typed while the page was loading count, and are not overwritten.
const search = form.elements.q;
const early = search === document.activeElement && search.value !== search.defaultValue;
await apply(early ? formQuery(form) : state.query, { push: false, typing: true });
paintCompared();
if (rowOf.has(state.tower)) await choose(rowOf.get(state.tower), { record: false });
