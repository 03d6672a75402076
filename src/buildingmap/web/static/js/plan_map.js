// The plan on the Leaflet map: parcels by what they are taken for, the runners-up, or shaded by one criterion.

import { drawn as svg, element } from "./dom.js";
import { cut, share } from "./figures.js";
import { placeNames } from "./overlays.js";
import { rings } from "./towers.js";

/* global L */

const SHADES = 5;
const CLOSEST_ZOOM = 17;
const words = JSON.parse(document.body.dataset.planWords);

function word(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

export class PlanMap {
  constructor({ onFix, onForbid, onWhyNot }) {
    this.on = { onFix, onForbid, onWhyNot };
    this.map = window.foliumMap.map;
    this.map.attributionControl.setPrefix("Leaflet");
    this.map.scrollWheelZoom.disable();
    this.parcels = new Map();
    this.marks = L.layerGroup().addTo(this.map);
    this.layer = "";
    this.sector = "";
    this.plan = { taken: [], runners_up: [] };
    this.#names();
    matchMedia("print").addEventListener("change", () => this.fit());
  }

  async #names() {
    const names = await placeNames();
    names.stations.addTo(this.map);
    names.boundaries.addTo(this.map);
  }

  // Takes the candidates in: outlines, criteria, standing towers.
  load(data) {
    this.data = data;
    for (const parcel of this.parcels.values()) parcel.remove();
    this.parcels.clear();
    this.standing?.remove();
    const canvas = L.canvas({ padding: 0.2 });
    const ink = getComputedStyle(document.body).getPropertyValue("--quiet").trim();
    this.standing = L.layerGroup(
      data.towers.map(([lon, lat]) =>
        L.circleMarker([lat, lon], { renderer: canvas, radius: 2.5, weight: 0, fillColor: ink, fillOpacity: 0.7, interactive: false }),
      ),
    ).addTo(this.map);
    data.places.forEach((place, row) => {
      const shape = place.shape.length
        ? L.polygon(rings(place.shape), { className: "parcel", weight: 1 })
        : L.circleMarker([place.lat, place.lon], { className: "parcel", radius: 7, weight: 1 });
      shape.addTo(this.map);
      shape.bindTooltip(() => this.#tip(row), { sticky: true });
      shape.on("click", (event) => this.#open(row, event.latlng));
      this.parcels.set(place.id, shape);
    });
  }

  show(plan) {
    this.plan = plan;
    this.paint();
  }

  choose(layer, sector) {
    this.layer = layer;
    this.sector = sector;
    this.paint();
  }

  paint() {
    if (!this.data) return;
    const taken = new Map(this.plan.taken.map((entry, at) => [entry.id, { ...entry, number: at + 1 }]));
    const ranks = new Map(this.plan.runners_up.map((id, at) => [id, at + 1]));
    this.state = { taken, ranks };
    this.marks.clearLayers();
    this.data.places.forEach((place, row) => {
      const shape = this.parcels.get(place.id);
      const chosen = taken.get(place.id);
      const rank = ranks.get(place.id);
      const kind = this.layer ? `shade-${this.#shade(row)}` : chosen ? this.#use(chosen.sector) : rank ? "runner" : "left";
      shape.setStyle({ fillColor: !this.layer && !chosen && rank ? "url(#hatch)" : "", fillOpacity: 1, weight: chosen ? 3 : 1 });
      const path = shape.getElement();
      path?.setAttribute("class", `leaflet-interactive parcel ${kind}${chosen ? " taken" : ""}`);
      if (this.layer === "frequency") this.#often(place, row);
      else if (chosen) this.#mark(place, chosen);
      else if (rank && !this.layer) this.#rank(place, rank);
    });
    document.getElementById("key-plan").hidden = this.layer !== "";
    document.getElementById("key-shades").hidden = this.layer === "";
    document.documentElement.dataset.painted = this.layer || "plan";
  }

  #use(sector) {
    return words.symbols[sector] ?? "";
  }

  // How often each place is chosen under random weights, 0 to 1 by id.
  often(shares) {
    this.shares = shares;
  }

  #often(place, row) {
    const chosen = this.#value(row) / 1000;
    if (chosen >= 0.01) this.#label(place, share(chosen, 0));
  }

  #value(row) {
    if (this.layer === "frequency") return 1000 * (this.shares?.[this.data.places[row].id] ?? 0);
    const values = this.data.values[this.data.criteria.indexOf(this.layer)]?.[row] ?? [];
    return this.sector ? (values[this.data.sectors.indexOf(this.sector)] ?? 0) : Math.max(0, ...values);
  }

  #shade(row) {
    return Math.min(SHADES, Math.floor((this.#value(row) / 1000) * SHADES) + 1);
  }

  #mark(place, chosen) {
    const shape = document.querySelector(`#key-plan path.${this.#use(chosen.sector)}`);
    const icon = svg("svg", { viewBox: "-14 -14 28 28", width: 28, height: 28, class: "plan-mark" });
    icon.append(
      svg("path", { class: `mark-shape ${this.#use(chosen.sector)}`, d: shape?.getAttribute("d") ?? "", transform: "scale(1.15)" }),
      svg("text", { y: 4, "text-anchor": "middle" }, String(chosen.number)),
    );
    const marker = L.marker([place.lat, place.lon], {
      icon: L.divIcon({ html: icon, className: "plan-icon", iconSize: [28, 28] }),
      interactive: false,
      keyboard: false,
      zIndexOffset: 100 - chosen.number,
    });
    this.marks.addLayer(marker);
  }

  #rank(place, rank) {
    this.#label(place, word(words.runner_short, { rank }));
  }

  #label(place, said) {
    const text = element("span", { class: "rank-mark" }, said);
    this.marks.addLayer(
      L.marker([place.lat, place.lon], { icon: L.divIcon({ html: text, className: "plan-icon", iconSize: [34, 18] }), interactive: false, keyboard: false }),
    );
  }

  #said(id) {
    const chosen = this.state?.taken.get(id);
    const rank = this.state?.ranks.get(id);
    if (chosen) return word(words.taken_for, { number: chosen.number, sector: words.sectors[chosen.sector] ?? chosen.sector });
    return rank ? word(words.runner_up, { rank }) : words.left_out;
  }

  #tip(row) {
    const { id, name } = this.data.places[row];
    const lines = [element("b", {}, name), element("br"), `${id} · ${this.#said(id)}`];
    if (this.layer) {
      lines.push(element("br"), this.#told(row));
    }
    return element("span", {}, ...lines);
  }

  #told(row) {
    if (this.layer === "frequency") return word(words.chosen_in, { share: cut(this.#value(row) / 10, 0) });
    const value = (this.#value(row) / 1000).toFixed(2);
    const sector = this.sector ? words.sectors[this.sector] : words.best_sector;
    return word(words.value_of, { criterion: words.criteria[this.layer], sector, value });
  }

  #open(row, where) {
    const { id } = this.data.places[row];
    const chosen = this.state?.taken.get(id);
    const button = (text, call) => {
      const made = element("button", { type: "button" }, text);
      made.addEventListener("click", () => {
        this.map.closePopup();
        call();
      });
      return made;
    };
    const buttons = [
      button(words.fix, () => this.on.onFix(id, chosen?.sector ?? "")),
      button(words.forbid, () => this.on.onForbid(id)),
      ...(chosen ? [] : [button(words.ask_why_not, () => this.on.onWhyNot(id))]),
    ];
    const content = element("div", { class: "parcel-card" }, element("p", {}, this.#tip(row)), element("p", { class: "links" }, ...buttons));
    L.popup({ closeButton: true }).setLatLng(where).setContent(content).openOn(this.map);
  }

  // Shows one site, as a button of the list asks.
  point(id) {
    const shape = this.parcels.get(id);
    if (!shape) return;
    const row = this.data.places.findIndex((place) => place.id === id);
    const { lon, lat } = this.data.places[row];
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), 15.5), { animate: false });
    this.#open(row, L.latLng(lat, lon));
    this.map.getContainer().scrollIntoView({ block: "center" });
  }

  zoom(bounds) {
    this.map.fitBounds(bounds, { paddingTopLeft: [16, 48], paddingBottomRight: [16, 16], animate: false });
  }

  fit() {
    this.map.invalidateSize({ pan: false });
    if (!this.data?.places.length) return;
    const bounds = L.latLngBounds(this.data.places.map(({ lat, lon }) => [lat, lon]));
    this.map.fitBounds(bounds, { padding: [32, 32], maxZoom: CLOSEST_ZOOM, animate: false });
  }
}
