// Drawing on a Leaflet map: corners clicked one after the other, or corners of an outline moved, added, removed.
// By keyboard a corner is focused like a button; the arrows move it, Delete removes it.

import { element } from "./dom.js";

/* global L */

const STEP_PX = 4;
const FAR_PX = 40;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function icon(css) {
  return L.divIcon({ className: `corner ${css}`, html: element("span"), iconSize: [26, 26] });
}

export class Drawing {
  // say: (key, values) => text; on: {change(corners), finish(corners), cancel()}
  constructor(map, say, on) {
    this.map = map;
    this.say = say;
    this.on = on;
    this.layer = L.layerGroup();
    this.active = false;
    this.clicked = (event) => this.add(event.latlng);
    this.moved = (event) => this.#rubber(event.latlng);
    this.typed = (event) => this.#key(event);
  }

  // corners: [[lat, lon], …] of an outline to be changed; none to begin a new one
  start(corners = []) {
    this.stop();
    this.active = true;
    this.adding = corners.length === 0;
    this.corners = corners.map(([lat, lon]) => L.latLng(lat, lon));
    this.layer.addTo(this.map);
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.toggle("drawing", this.adding);
    if (this.adding) this.map.on("click", this.clicked).on("mousemove", this.moved);
    document.addEventListener("keydown", this.typed);
    this.#draw();
  }

  stop() {
    this.active = false;
    this.layer.clearLayers().remove();
    this.map.off("click", this.clicked).off("mousemove", this.moved);
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("drawing");
    document.removeEventListener("keydown", this.typed);
  }

  add(place) {
    const last = this.corners.at(-1);
    // the second click of a double click is no corner of its own
    if (last && this.#pixels(last, place) < STEP_PX) return;
    if (this.corners.length >= 3 && this.#pixels(this.corners[0], place) < 14) {
      this.finish();
      return;
    }
    this.corners.push(place);
    this.#draw();
  }

  undo() {
    if (!this.corners.length) return;
    this.corners.pop();
    this.#draw();
  }

  finish() {
    if (this.corners.length < 3) {
      this.on.change(this.places(), this.say("too_few"));
      return;
    }
    const places = this.places();
    this.stop();
    this.on.finish(places);
  }

  cancel() {
    this.stop();
    this.on.cancel();
  }

  places() {
    return this.corners.map(({ lat, lng }) => [lat, lng]);
  }

  #pixels(one, other) {
    return this.map.latLngToContainerPoint(one).distanceTo(this.map.latLngToContainerPoint(other));
  }

  #rubber(place) {
    const last = this.corners.at(-1);
    if (last) this.band?.setLatLngs([last, place, ...(this.corners.length > 1 ? [this.corners[0]] : [])]);
  }

  #draw(focused = -1) {
    this.layer.clearLayers();
    this.outline = L.polygon(this.corners, { className: "sketch", interactive: false }).addTo(this.layer);
    this.band = L.polyline([], { className: "sketch-band", interactive: false });
    if (this.adding) this.band.addTo(this.layer);
    this.handles = this.corners.map((place, number) => this.#handle(place, number));
    if (!this.adding) this.corners.forEach((place, number) => this.#between(place, number));
    if (focused >= 0) this.handles[Math.min(focused, this.handles.length - 1)]?.getElement().focus();
    this.on.change(this.places());
  }

  #handle(place, number) {
    const handle = L.marker(place, { icon: icon(""), draggable: !this.adding, keyboard: true, autoPanOnFocus: false, zIndexOffset: 100 }).addTo(this.layer);
    const node = handle.getElement();
    node.setAttribute("aria-label", this.say("corner", { number: number + 1 }));
    if (this.adding) {
      handle.on("click", () => number === 0 && this.finish());
      return handle;
    }
    handle.on("drag", () => {
      this.corners[number] = handle.getLatLng();
      this.outline.setLatLngs(this.corners);
    });
    handle.on("dragend", () => this.#draw(number));
    node.addEventListener("keydown", (event) => this.#nudge(event, number));
    return handle;
  }

  // The small point half way to the next corner makes a corner there.
  #between(place, number) {
    const next = this.corners[(number + 1) % this.corners.length];
    const middle = L.latLng((place.lat + next.lat) / 2, (place.lng + next.lng) / 2);
    const point = L.marker(middle, { icon: icon("between"), keyboard: true, autoPanOnFocus: false }).addTo(this.layer);
    point.getElement().setAttribute("aria-label", this.say("between", { number: number + 1 }));
    point.on("click keypress", ({ originalEvent }) => {
      if (originalEvent.type === "keypress" && originalEvent.key !== "Enter") return;
      this.corners.splice(number + 1, 0, middle);
      this.#draw(number + 1);
    });
  }

  #nudge(event, number) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Delete") return;
    event.preventDefault();
    event.stopPropagation();
    if (arrow) {
      const step = event.shiftKey ? FAR_PX : STEP_PX;
      const point = this.map.latLngToContainerPoint(this.corners[number]).add(L.point(arrow).multiplyBy(step));
      this.corners[number] = this.map.containerPointToLatLng(point);
    } else if (this.corners.length > 3) this.corners.splice(number, 1);
    this.#draw(number);
  }

  // Only what is typed on the map or nowhere in particular: a button keeps its own Enter.
  #key(event) {
    const inMap = this.map.getContainer().contains(event.target);
    if (event.key === "Escape") this.cancel();
    else if (!inMap && event.target !== document.body) return;
    else if (event.key === "Enter" && !event.target.closest(".corner")) this.finish();
    else if (event.key === "Backspace" && this.adding) this.undo();
    else return;
    event.preventDefault();
  }
}
