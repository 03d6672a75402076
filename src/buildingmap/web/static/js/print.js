// The print view: the same map as the map page, once, fitted to the towers of the filter.

import { placeNames } from "./overlays.js";
import { askJson } from "./state.js";
import { Towers } from "./towers.js";
import { labels } from "./words.js";

/* global L */

const CLOSEST_ZOOM = 17;

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());

// paper shows more dots than most screens: draw the canvas twice as fine
L.Browser.retina = true;
const { map, layers } = window.foliumMap;
map.attributionControl.setPrefix("Leaflet");
map.options.zoomAnimation = false;

const { towers: columnsUrl, view: viewUrl } = document.body.dataset;
const [columns, view, names] = await Promise.all([askJson(columnsUrl), askJson(viewUrl), placeNames()]);
const towers = new Towers(map, columns, (row) => towers.point(row));
names.stations.addTo(map);
names.boundaries.addTo(map);
towers.show(view.rows);
if (view.rows.length) map.fitBounds(extent(view.rows), { padding: [28, 28], maxZoom: CLOSEST_ZOOM, animate: false });

// The matching towers, and the whole of each cluster that one of them is declared in.
function extent(rows) {
  const bounds = L.latLngBounds(rows.map((row) => towers.place(row)));
  const names = new Set(rows.map((row) => labels.clusters[columns.cluster[row]]));
  layers.boundaries.eachLayer((layer) => {
    const [, cluster] = layer.feature.properties.css.split(" ");
    if (names.has(labels.cluster_names[cluster])) bounds.extend(layer.getBounds());
  });
  return bounds;
}

document.documentElement.dataset.painted = view.query || "all";
