// Parcels drawn, their corners moved, their facts changed. What is drawn goes into the form's own field of corners,
// so a form filled in by hand and one filled in by drawing are the same.

import { element } from "./dom.js";
import { Drawing } from "./drawing.js";
import { checkSite } from "./records.js";
import { RowForm, kinds, open, words } from "./row_form.js";
import { choose, cornersOf, hide, map, say } from "./sites.js";
import { integer, lang } from "./words.js";

const DECIMALS = 7;
const bar = document.getElementById("drawing-bar");
const told = document.getElementById("drawing-said");
const written = (number) => String(Number(number.toFixed(DECIMALS)));

// A GeoJSON Polygon as text: a corner a line, an empty line before each hole.
function textOf(geometry) {
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  return polygons.flat().map((ring) => ring.slice(0, -1).map((corner) => corner.map(String).join(" ")).join("\n")).join("\n\n");
}

// The rings in a text; throws the number of the first line that is no corner.
function ringsOf(text) {
  const rings = [[]];
  text.split("\n").forEach((line, number) => {
    const parts = line.trim().split(/[\s,，;；]+/).filter(Boolean);
    if (!parts.length) {
      if (rings.at(-1).length) rings.push([]);
      return;
    }
    const corner = parts.map(Number);
    if (corner.length !== 2 || !corner.every(Number.isFinite)) throw number + 1;
    rings.at(-1).push(corner);
  });
  return rings.filter((ring) => ring.length);
}

class SiteForm extends RowForm {
  constructor(dialog) {
    super(dialog);
    this.area = this.form.querySelector('[data-kind="corners"]');
    this.datum = this.form.querySelector("[data-datum]");
    this.seen = this.form.querySelector("[data-outline]");
    for (const field of [this.area, this.datum]) field.addEventListener("change", () => this.look());
    this.form.querySelector("[data-look]").addEventListener("click", () => this.look());
    this.form.querySelector("[data-draw]").addEventListener("click", () => this.toMap());
  }

  open(opener, row) {
    this.seen.replaceChildren();
    super.open(opener, row);
    this.form.elements.id.readOnly = Boolean(row);
    if (row) choose(row.id);
  }

  first() {
    return this.form.elements[this.row ? "name" : "id"];
  }

  // A number that is given already is no change of that parcel.
  collided(conflict) {
    if (this.row) {
      super.collided(conflict);
      return;
    }
    this.problem.hidden = true;
    this.say("id", say("taken"));
    this.form.elements.id.focus();
  }

  write(name, value) {
    if (name !== "geometry") {
      super.write(name, value);
      return;
    }
    this.kept = value ? textOf(value) : "";
    this.area.value = this.kept;
    this.datum.value = "wgs84";
  }

  // What was not touched is what it was; anything else is corners that the server is asked about.
  read(name) {
    if (name !== "geometry") return super.read(name);
    const text = this.area.value.trim();
    if (text === this.kept && (this.datum.value === "wgs84" || !text)) return this.row?.values.geometry ?? null;
    if (!text) return null;
    try {
      return { rings: ringsOf(text), datum: this.datum.value };
    } catch (line) {
      this.line = line;
      return undefined;
    }
  }

  say(name, text) {
    const wrong = name === "geometry" && text && this.line;
    const place = super.say(name, wrong ? say("line", { number: this.line }) : text);
    if (wrong) this.line = null;
    return place;
  }

  shown(name, value) {
    if (name !== "geometry" || !value) return super.shown(name, value);
    const count = value.rings ? value.rings.flat().length : value.coordinates.flat().length - value.coordinates.length;
    return say("corners", { count });
  }

  async prepared(values) {
    if (!values.geometry?.rings) return values;
    const { geometry } = await checkSite({ ...values.geometry, ...(this.row ? { id: this.row.id } : {}) });
    return { ...values, geometry };
  }

  // Asks what the outline would be, and shows its area and what speaks against it; nothing is saved.
  async look() {
    super.say("geometry", "");
    this.seen.replaceChildren();
    const value = this.read("geometry");
    if (value === undefined) this.say("geometry", "-");
    if (!value) return;
    const asked = value.rings ? value : { rings: value.coordinates.map((ring) => ring.slice(0, -1)), datum: "wgs84" };
    const facts = {};
    for (const name of ["cluster", "area_m2"]) {
      const fact = this.read(name);
      if (fact !== undefined) facts[name] = fact;
    }
    try {
      const found = await checkSite({ ...asked, values: facts, ...(this.row ? { id: this.row.id } : {}) });
      const count = found.geometry.coordinates.flat().length - found.geometry.coordinates.length;
      const lines = [say("outline", { count, area: integer(found.area_m2) }), ...found.findings.map((finding) => finding[lang])];
      if (!found.findings.length) lines.push(say("clean"));
      this.seen.replaceChildren(...lines.map((line) => element("li", {}, line)));
    } catch (error) {
      // nothing was to be saved: only what the outline would be was asked
      if (error.faults) this.refused(error.faults, { all: words.looked, others: words.not_possible });
      else this.tell(error.message);
    }
  }

  // Leaves for the map with everything that was typed, and comes back with corners.
  toMap() {
    let corners = [];
    try {
      const [outer = []] = this.datum.value === "wgs84" ? ringsOf(this.area.value) : [];
      corners = outer.map(([lon, lat]) => [lat, lon]);
    } catch {
      corners = [];
    }
    const typed = [...this.form.elements].filter((field) => field.name).map((field) => [field, field.value]);
    this.away = true;
    this.dialog.close();
    draw({ corners, id: this.row?.id, done: (drawn) => this.back(typed, drawn) });
  }

  back(typed, drawn) {
    this.away = false;
    this.dialog.showModal();
    for (const [field, value] of typed) field.value = value;
    if (drawn) this.take(drawn);
    this.first().focus();
  }

  // Corners that were drawn replace the outer ring; holes stay.
  take(drawn) {
    let holes = [];
    try {
      holes = ringsOf(this.area.value).slice(1);
    } catch {
      holes = [];
    }
    const outer = drawn.map(([lat, lon]) => [Number(written(lon)), Number(written(lat))]);
    this.datum.value = "wgs84";
    this.area.value = [outer, ...holes].map((ring) => ring.map((corner) => corner.join(" ")).join("\n")).join("\n\n");
    this.look();
  }
}

let job = null;
const drawing = new Drawing(map, say, {
  change: (corners, problem) => {
    const hint = corners.length ? say("corners", { count: corners.length }) : say("start");
    told.textContent = problem ?? (drawing.adding === false ? `${hint} · ${say("moving")}` : hint);
  },
  finish: (corners) => end(corners),
  cancel: () => end(null),
});

function draw(asked) {
  job = asked;
  bar.hidden = false;
  bar.querySelector("[data-undo]").hidden = asked.corners.length > 0;
  if (asked.id) {
    choose(asked.id);
    hide(asked.id, true);
  }
  drawing.start(asked.corners);
  document.getElementById("where").scrollIntoView({ block: "start" });
  bar.querySelector("[data-finish]").focus();
}

function end(corners) {
  const { id, done } = job;
  job = null;
  bar.hidden = true;
  if (id) hide(id, false);
  told.textContent = corners ? "" : say("cancelled");
  done(corners);
}

bar.querySelector("[data-undo]").addEventListener("click", () => drawing.undo());
bar.querySelector("[data-finish]").addEventListener("click", () => drawing.finish());
bar.querySelector("[data-cancel-drawing]").addEventListener("click", () => drawing.cancel());

let form = null;
kinds.set(
  "site",
  class extends SiteForm {
    constructor(dialog) {
      super(dialog);
      form = this;
    }
  },
);

// A button that begins on the map: the form opens when the outline is finished.
for (const button of document.querySelectorAll(".draw-site")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const id = button.dataset.row;
    draw({
      corners: id ? cornersOf(id) : [],
      id,
      done: async (drawn) => {
        if (!drawn) {
          button.focus();
          return;
        }
        await open(button);
        form?.take(drawn);
      },
    });
  });
}
document.documentElement.dataset.edits = "sites";
