// What Folium drew, and what is fetched when it is asked for: hulls of natural clusters, tax density, names.

import { element } from "./dom.js";
import { askJson } from "./state.js";
import { labels, lang, money, word } from "./words.js";

/* global L */

function nameAt(place, text, css) {
  return L.tooltip({ permanent: true, direction: css === "station-name" ? "right" : "top", className: css, interactive: false })
    .setLatLng(place)
    .setContent(element("span", {}, text));
}

// The names of stations and clusters, as layers of their own.
export async function placeNames() {
  const places = await askJson("/map/places");
  return {
    stations: L.layerGroup(places.stations.map((station) => nameAt([station.lat, station.lon], station[lang], "station-name"))),
    boundaries: L.layerGroup(
      places.boundaries.map((entry) => nameAt([entry.north, entry.lon], labels.cluster_names[entry.cluster] ?? "", "boundary-name")),
    ),
  };
}

export class Overlays {
  constructor(map, drawn) {
    this.map = map;
    this.layers = { ...drawn };
    this.query = "";
    this.density = L.geoJSON(null, {
      interactive: false,
      style: (feature) => ({ className: `density density-${feature.properties.step}` }),
    });
    this.densityQuery = null;
    this.scale = document.getElementById("density-scale");
    this.boxes = [...document.querySelectorAll("#layers input")];
    for (const box of this.boxes) box.addEventListener("change", () => this.#toggle(box.value, box.checked));
    this.#names();
  }

  async #names() {
    const { stations, boundaries } = await placeNames();
    this.layers.stations = L.layerGroup([this.layers.stations, stations]);
    this.layers.boundaries = L.layerGroup([this.layers.boundaries, boundaries]);
    // side by side: the names of stations need not wait for the natural clusters to be computed
    await Promise.all(this.boxes.map((box) => this.#toggle(box.value, box.checked)));
  }

  async #toggle(name, on) {
    if (name === "hulls" && on && !this.layers.hulls) await this.#hulls();
    if (name === "density") {
      this.densityOn = on;
      this.scale.hidden = !on;
      if (on) await this.#densityNow();
      this.layers.density = this.density;
    }
    const layer = this.layers[name];
    if (!layer) return;
    if (on) layer.addTo(this.map);
    else layer.remove();
  }

  async #hulls() {
    const hulls = await askJson("/map/hulls");
    this.layers.hulls = L.geoJSON(hulls, { interactive: false, style: () => ({ className: "hull" }) });
  }

  filter(query) {
    this.query = query;
    if (this.densityOn) this.#densityNow();
  }

  async #densityNow() {
    if (this.densityQuery === this.query) return;
    const asked = this.query;
    const surface = await askJson(`/map/density?${asked}`);
    if (asked !== this.query) return;
    this.densityQuery = asked;
    this.density.clearLayers();
    this.density.addData(surface);
    this.scale.replaceChildren(
      element("span", {}, word("density_unit")),
      ...surface.features.map((feature) =>
        element("span", { class: "density-step" }, element("i", { class: `density-${feature.properties.step}` }), `≥ ${money(feature.properties.low)}`),
      ),
    );
  }
}
