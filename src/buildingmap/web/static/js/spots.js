// A map of a few numbered places, without the towers' figures: the towers to come, a shortlist.

import { element } from "./dom.js";
import { placeNames } from "./overlays.js";

/* global L */

const CLOSEST_ZOOM = 16;
const RADIUS = 10;

const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const { map } = window.foliumMap;
map.attributionControl.setPrefix("Leaflet");
map.options.zoomAnimation = false;
map.scrollWheelZoom.disable();

const spots = JSON.parse(document.body.dataset.spots);
const names = await placeNames();
names.stations.addTo(map);
names.boundaries.addTo(map);

for (const { lat, lon, number, name, href, css, serves = [] } of spots) {
  // a line to each tower that a service station serves
  for (const tower of serves) L.polyline([tower, [lat, lon]], { className: "serves", interactive: false, weight: 1.5 }).addTo(map);
  const mark = L.circleMarker([lat, lon], { radius: RADIUS + 3 * Math.max(number.length - 2, 0), className: `spot ${css}` }).addTo(map);
  mark.bindTooltip(element("span", {}, number), { permanent: true, direction: "center", className: `spot-number ${css}` });
  mark.bindPopup(href ? element("a", { href }, name) : element("span", {}, name));
}
function fit() {
  map.invalidateSize({ pan: false });
  if (spots.length) {
    map.fitBounds(L.latLngBounds(spots.flatMap(({ lat, lon, serves = [] }) => [[lat, lon], ...serves])), { padding: [32, 32], maxZoom: CLOSEST_ZOOM, animate: false });
  }
}

fit();
// on paper the map is of another size
matchMedia("print").addEventListener("change", fit);
document.documentElement.dataset.painted = "spots";
