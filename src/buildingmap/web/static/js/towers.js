// The towers on the Leaflet map: one canvas, footprints beneath symbols; a filter only changes what is shown.

import { drawn, element } from "./dom.js";
import { bandsOnly, label, labels, lang, money, word } from "./words.js";

/* global L */

const STEPS_PER_DEGREE = 1e6;
const FOOTPRINT_ZOOM = 15;

const Footprint = L.Polygon.extend({
  _updatePath() {
    if (this.shown) L.Polygon.prototype._updatePath.call(this);
  },
  _containsPoint(point) {
    return this.shown && L.Polygon.prototype._containsPoint.call(this, point);
  },
});

const Mark = L.CircleMarker.extend({
  _updatePath() {
    if (!this.shown || !this._renderer._drawing || this._empty()) return;
    const { x, y } = this._point;
    const context = this._renderer._ctx;
    if (this.chosen) {
      context.beginPath();
      context.arc(x, y, (this.options.radius + 5) * this.scale, 0, 2 * Math.PI);
      context.lineWidth = 3;
      context.strokeStyle = this.ink.chosen;
      context.stroke();
    }
    const { stamp, size } = this.stamp;
    context.drawImage(stamp, Math.round(x - size / 2), Math.round(y - size / 2), size, size);
  },
  _containsPoint(point) {
    return this.shown && point.distanceTo(this._point) <= this.options.radius * this.scale + 4;
  },
});

export function rings(polygons) {
  return polygons.map((polygon) =>
    polygon.map((steps) => {
      const points = [];
      let x = 0;
      let y = 0;
      for (let at = 0; at < steps.length; at += 2) {
        x += steps[at];
        y += steps[at + 1];
        points.push([y / STEPS_PER_DEGREE, x / STEPS_PER_DEGREE]);
      }
      return points;
    }),
  );
}

// Canvas knows no style sheets: read each symbol's colours from a hidden drawing that does.
function readInks(symbols) {
  const host = drawn("svg", { class: "unseen", "aria-hidden": "true" });
  document.body.append(host);
  const chosen = getComputedStyle(document.body).getPropertyValue("--chosen").trim();
  const inks = symbols.map(({ css, path }) => {
    const probe = host.appendChild(drawn("path", { class: css, d: path }));
    const style = getComputedStyle(probe);
    return {
      path: new Path2D(path),
      fill: style.fill === "none" ? "transparent" : style.fill,
      stroke: style.stroke,
      width: parseFloat(style.strokeWidth) || 1,
      dash: style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat),
      chosen,
    };
  });
  host.remove();
  return inks;
}

// Each symbol is drawn once and stamped a thousand times: a stamp costs a fraction of filling and stroking its path.
function stampOf(ink, radius, scale) {
  const size = 2 * Math.ceil((radius + ink.width) * scale);
  const ratio = L.Browser.retina ? 2 : 1; // as many dots as Leaflet gives its canvas
  const stamp = element("canvas", { width: size * ratio, height: size * ratio });
  const context = stamp.getContext("2d");
  context.scale(ratio, ratio);
  context.translate(size / 2, size / 2);
  context.scale(scale, scale);
  context.fillStyle = ink.fill;
  context.fill(ink.path);
  context.setLineDash(ink.dash);
  context.lineWidth = ink.width;
  context.strokeStyle = ink.stroke;
  context.stroke(ink.path);
  return { stamp, size };
}

export class Towers {
  constructor(map, columns, onChoose) {
    this.map = map;
    this.columns = columns;
    this.onChoose = onChoose;
    map.createPane("towers").classList.add("towers-pane");
    this.renderer = L.canvas({ padding: 0.2, tolerance: 3, pane: "towers" });
    this.inks = readInks(columns.symbols);
    this.footprints = [];
    this.marks = [];
    this.shown = new Uint8Array(columns.ids.length);
    this.chosen = -1;
    this.tip = L.tooltip({ direction: "top", offset: [0, -8], opacity: 1 });
    this.#build();
    map.on("zoomend", () => this.#rescale());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#recolour());
  }

  name(row) {
    const { names, names_en } = this.columns;
    return (lang === "en" && names_en[row]) || names[row];
  }

  place(row) {
    return [this.columns.lat[row] / STEPS_PER_DEGREE, this.columns.lon[row] / STEPS_PER_DEGREE];
  }

  #build() {
    const { ids, shapes, symbol, symbols } = this.columns;
    const group = L.layerGroup();
    for (let row = 0; row < ids.length; row += 1) {
      const polygons = rings(shapes[row]);
      const footprint = polygons.length ? new Footprint(polygons, { renderer: this.renderer, pane: "towers", weight: 1 }) : null;
      this.footprints.push(footprint);
      if (footprint) group.addLayer(this.#listening(footprint, row));
    }
    for (let row = 0; row < ids.length; row += 1) {
      const mark = new Mark(this.place(row), {
        renderer: this.renderer,
        pane: "towers",
        radius: symbols[symbol[row]].radius,
        weight: 4,
      });
      this.marks.push(this.#listening(mark, row));
      group.addLayer(mark);
    }
    this.#dress();
    group.addTo(this.map);
  }

  #listening(layer, row) {
    layer.shown = false;
    layer.on("click", () => this.onChoose(row));
    layer.on("mouseover", () => this.point(row));
    layer.on("mouseout", () => this.tip.remove());
    return layer;
  }

  #dress() {
    const scale = this.map.getZoom() >= FOOTPRINT_ZOOM ? 1.15 : 1;
    const stamps = this.inks.map((ink, at) => stampOf(ink, this.columns.symbols[at].radius, scale));
    this.marks.forEach((mark, row) => {
      const ink = this.inks[this.columns.symbol[row]];
      mark.ink = ink;
      mark.stamp = stamps[this.columns.symbol[row]];
      mark.scale = scale;
      Object.assign(this.footprints[row]?.options ?? {}, {
        fillColor: ink.fill === "transparent" ? ink.stroke : ink.fill,
        fillOpacity: ink.fill === "transparent" ? 0.12 : 0.55,
        color: ink.stroke,
        dashArray: null,
      });
    });
  }

  #recolour() {
    this.inks = readInks(this.columns.symbols);
    this.#dress();
    this.#redrawAll();
  }

  #rescale() {
    this.#dress();
    this.#flag();
    this.#redrawAll();
  }

  #redrawAll() {
    for (const mark of this.marks) mark.redraw();
  }

  // Years change the band of a tower but not its place: take the new columns over in one go.
  update(columns) {
    this.columns = columns;
    this.marks.forEach((mark, row) => {
      mark.options.radius = columns.symbols[columns.symbol[row]].radius;
    });
    this.#dress();
    this.#redrawAll();
  }

  show(rows) {
    this.shown.fill(0);
    for (const row of rows) this.shown[row] = 1;
    this.tip.remove();
    this.#flag();
  }

  #flag() {
    const footprints = this.map.getZoom() >= FOOTPRINT_ZOOM;
    this.marks.forEach((mark, row) => {
      const shown = this.shown[row] === 1 || row === this.chosen;
      const footprint = this.footprints[row];
      if (mark.shown !== shown) {
        mark.shown = shown;
        mark.redraw();
      }
      if (footprint && footprint.shown !== (shown && footprints)) {
        footprint.shown = shown && footprints;
        footprint.redraw();
      }
    });
  }

  choose(row, { move = false } = {}) {
    const before = this.marks[this.chosen];
    if (before) before.chosen = false;
    this.chosen = row;
    const mark = this.marks[row];
    if (mark) {
      mark.chosen = true;
      mark.bringToFront();
      mark.redraw();
      if (move && !this.map.getBounds().pad(-0.1).contains(this.place(row))) {
        this.map.panTo(this.place(row), { animate: false });
      }
    }
    before?.redraw();
    this.#flag();
  }

  point(row) {
    const { band, tax_yuan, status } = this.columns;
    const facts = status[row] > 0 ? label("statuses", status[row]) : [labels.bands[band[row]] ?? word("unknown_tax"), !bandsOnly && money(tax_yuan[row])].filter(Boolean).join(" · ");
    this.tip
      .setLatLng(this.place(row))
      .setContent(element("div", {}, element("b", {}, this.name(row)), element("br"), facts));
    this.map.openTooltip(this.tip);
  }

  unpoint() {
    this.tip.remove();
  }
}
