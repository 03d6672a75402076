// The candidate parcels on the map, beside the table that names them: choosing one in either shows it in both.

import { element } from "./dom.js";
import { placeNames } from "./overlays.js";
import { askJson } from "./state.js";
import { rings } from "./towers.js";
import { lang } from "./words.js";

/* global L */

const CLOSEST_ZOOM = 17;
const NUMBERS_ZOOM = 14;
const page = document.querySelector(".sites-page .page");
const words = JSON.parse(page.dataset.words);

export const { map } = window.foliumMap;
export const say = (key, values = {}) => words[key].replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
const outlines = new Map();
let chosen = null;

map.attributionControl.setPrefix("Leaflet");
map.options.zoomAnimation = false;
map.scrollWheelZoom.disable();
const status = document.getElementById("site-said");

const lineOf = (id) => [...document.querySelectorAll("tr[data-site]")].find((line) => line.dataset.site === id);

function named(feature) {
  const { name, findings } = feature.properties;
  const told = findings.map((finding) => finding[lang]);
  return say("chosen", { name, findings: told.length ? told.join(lang === "en" ? "; " : "；") : say("no_findings") });
}

// Shows a parcel on the map and in the table; `move` brings the map to it.
export function choose(id, { move = true, scroll = false } = {}) {
  outlines.get(chosen)?.getElement()?.classList.remove("chosen");
  lineOf(chosen)?.removeAttribute("aria-current");
  chosen = id;
  const line = lineOf(id);
  line?.setAttribute("aria-current", "true");
  if (scroll) line?.scrollIntoView({ block: "nearest" });
  const outline = outlines.get(id);
  if (!outline) return;
  outline.getElement()?.classList.add("chosen");
  outline.bringToFront();
  if (move) map.fitBounds(outline.getBounds(), { maxZoom: CLOSEST_ZOOM, padding: [60, 60], animate: false });
  status.textContent = named(outline.feature);
}

function drawTowers(columns) {
  columns.shapes.forEach((shape, row) => {
    const standing = columns.status[row] === 0;
    const css = standing ? "standing" : "coming";
    const layer = shape.length
      ? L.polygon(rings(shape), { className: `site-tower ${css}` })
      : L.circleMarker([columns.lat[row] / 1e6, columns.lon[row] / 1e6], { radius: 4, className: `site-tower ${css}` });
    const name = (lang === "en" && columns.names_en[row]) || columns.names[row];
    layer.bindTooltip(element("span", {}, `${columns.ids[row]} ${name} · ${say(css)}`), { sticky: true });
    layer.addTo(map);
  });
}

function drawParcels(collection) {
  const numbers = new Map([...document.querySelectorAll("tr[data-site]")].map((line) => [line.dataset.site, line.dataset.number]));
  for (const feature of collection.features) {
    if (!feature.geometry) continue;
    const { rule, findings, left_out: out } = feature.properties;
    const css = `parcel rule-${rule}${findings.length ? " doubt" : ""}${out ? " out" : ""}`;
    const outline = L.geoJSON(feature, { style: () => ({ className: css }), smoothFactor: 0 }).getLayers()[0];
    outline.addTo(map);
    outlines.set(feature.id, outline);
    const number = numbers.get(feature.id);
    if (number) {
      outline.bindTooltip(element("span", {}, number), { permanent: true, direction: "center", className: `parcel-number${findings.length ? " doubt" : ""}` });
    }
    outline.on("click", (event) => {
      if (map.getContainer().classList.contains("drawing")) return;
      L.DomEvent.stopPropagation(event);
      choose(feature.id, { move: false, scroll: true });
    });
  }
}

function showNumbers() {
  map.getContainer().classList.toggle("far", map.getZoom() < NUMBERS_ZOOM);
}

// The corners of a parcel as they are drawn, [[lat, lon], …], without holes; empty where it has no shape.
export function cornersOf(id) {
  const outline = outlines.get(id);
  return outline ? outline.getLatLngs()[0].map(({ lat, lng }) => [lat, lng]) : [];
}

// While a parcel's outline is being changed, the old one does not lie under it.
export function hide(id, hidden) {
  const node = outlines.get(id)?.getElement();
  node?.classList.toggle("faded", hidden);
}

const [names, columns, collection] = await Promise.all([placeNames(), askJson(page.dataset.towers), askJson("/api/sites")]);
names.stations.addTo(map);
names.boundaries.addTo(map);
drawTowers(columns);
drawParcels(collection);
map.on("zoomend", showNumbers);
map.invalidateSize({ pan: false });
if (outlines.size) map.fitBounds(L.featureGroup([...outlines.values()]).getBounds(), { padding: [24, 24], animate: false });
showNumbers();

for (const link of document.querySelectorAll("a.pick-site")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    choose(link.closest("tr").dataset.site);
    history.replaceState(null, "", link.href);
    if (matchMedia("(max-width: 62rem)").matches) document.getElementById("where").scrollIntoView({ block: "start" });
  });
}
const marked = document.querySelector("tr[aria-current]");
if (marked) choose(marked.dataset.site, { scroll: !matchMedia("(max-width: 62rem)").matches });
document.documentElement.dataset.painted = "sites";
