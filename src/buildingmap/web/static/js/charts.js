// Three charts of the filtered towers, drawn as SVG from the figures the server gives; colours are the style sheet's.

import { drawn } from "./dom.js";
import { bandsOnly, integer, labels, lang, markYuan, money, percent, word } from "./words.js";

const WIDTH = 360;
const LINE = 26;
const NAMES = lang === "en" ? 124 : 92;

function board(id, height, description) {
  const host = document.getElementById(id);
  host.querySelector("svg")?.remove();
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": description, class: "chart" });
  host.append(svg);
  return svg;
}

function text(x, y, content, attributes = {}) {
  return drawn("text", { x, y, ...attributes }, content);
}

// One bar per cluster, its bands side by side in the order of the legend.
export function drawBands(table, symbols) {
  const lines = table.clusters.map((cluster, at) => ({ cluster, counts: table.counts[at], unknown: table.unknown_tax[at] }));
  const longest = Math.max(1, ...lines.map(({ counts, unknown }) => counts.reduce((sum, n) => sum + n, unknown)));
  const spoken = lines.map(
    ({ cluster, counts }) =>
      `${labels.cluster_names[cluster] ?? word("unknown")}: ${counts.map((n, band) => (n ? `${labels.bands[band]} ${n}` : "")).filter(Boolean).join(", ")}`,
  );
  const svg = board("chart-bands", lines.length * LINE + 8, spoken.join("; "));
  lines.forEach(({ cluster, counts, unknown }, at) => {
    const y = at * LINE + 4;
    svg.append(text(NAMES - 8, y + 15, labels.cluster_names[cluster] ?? word("unknown"), { "text-anchor": "end" }));
    let x = NAMES;
    [...counts, unknown].forEach((count, band) => {
      if (!count) return;
      const width = (count / longest) * (WIDTH - NAMES - 8);
      const name = band < counts.length ? labels.bands[band] : word("unknown_tax");
      const bar = drawn("rect", { x, y, width, height: LINE - 7, class: `bar ${symbols[band].css}` });
      bar.append(drawn("title", {}, `${name}: ${count}`));
      svg.append(bar);
      if (width > 16) svg.append(text(x + width / 2, y + 14, String(count), { "text-anchor": "middle", class: `on ${symbols[band].css}-ink` }));
      x += width;
    });
  });
}

function spokenShare(share) {
  if (bandsOnly) return `${share.towers} ${word("number_of_towers")}`;
  return word("share_spoken", { towers: share.towers, tax: percent(share.share_of_tax) });
}

// Two thin bars per sector: its share of towers and its share of tax.
export function drawSectors(shares) {
  const spoken = shares.map(
    (share) => `${labels.sector_names[share.sector] ?? word("unknown")}: ${spokenShare(share)}`,
  );
  const svg = board("chart-sectors", shares.length * LINE + 24, spoken.join("; "));
  const longest = Math.max(0.01, ...shares.flatMap((share) => [share.share_of_towers ?? 0, share.share_of_tax ?? 0]));
  const room = WIDTH - NAMES - 56;
  shares.forEach((share, at) => {
    const y = at * LINE + 4;
    const towers = ((share.share_of_towers ?? 0) / longest) * room;
    const tax = ((share.share_of_tax ?? 0) / longest) * room;
    svg.append(
      text(NAMES - 8, y + 14, labels.sector_names[share.sector] ?? word("unknown"), { "text-anchor": "end" }),
      drawn("rect", { x: NAMES, y, width: towers, height: 9, class: "bar count" }),
      drawn("rect", { x: NAMES, y: y + 10, width: tax, height: 9, class: "bar share" }),
      text(NAMES + Math.max(towers, tax) + 5, y + 14, bandsOnly ? share.towers : `${share.towers} · ${percent(share.share_of_tax)}`),
    );
  });
  const y = shares.length * LINE + 8;
  svg.append(
    drawn("rect", { x: NAMES, y, width: 10, height: 9, class: "bar count" }),
    text(NAMES + 15, y + 9, word("number_of_towers")),
  );
  if (bandsOnly) return;
  svg.append(
    drawn("rect", { x: NAMES + 110, y, width: 10, height: 9, class: "bar share" }),
    text(NAMES + 125, y + 9, word("share_of_tax")),
  );
}

const log = Math.log10;

// Both axes logarithmic; a tower without both figures is not drawn. One path per symbol keeps a thousand points cheap.
export function drawScatter(columns, rows) {
  if (!document.getElementById("chart-scatter")) return; // the reader is not told amounts
  const points = rows.filter((row) => columns.tax_yuan[row] > 0 && columns.floor_area_m2[row] > 0);
  const frame = { left: 62, right: WIDTH - 10, top: 8, bottom: 200 };
  const areas = points.map((row) => log(columns.floor_area_m2[row]));
  const taxes = points.map((row) => log(columns.tax_yuan[row]));
  const span = (values, low, high) => [Math.floor(Math.min(low, ...values)), Math.ceil(Math.max(high, ...values))];
  const [x0, x1] = span(areas, 4, 5);
  const [y0, y1] = span(taxes, 6, log(markYuan));
  const x = (value) => frame.left + ((value - x0) / (x1 - x0)) * (frame.right - frame.left);
  const y = (value) => frame.bottom - ((value - y0) / (y1 - y0)) * (frame.bottom - frame.top);
  const past = points.filter((row) => columns.tax_yuan[row] >= markYuan).length;
  const svg = board("chart-scatter", 236, word("scatter_spoken", { towers: points.length, past }));
  for (let power = x0; power <= x1; power += 1) {
    svg.append(
      drawn("line", { x1: x(power), x2: x(power), y1: frame.top, y2: frame.bottom, class: "grid" }),
      text(x(power), frame.bottom + 15, integer(10 ** power), { "text-anchor": power === x1 ? "end" : "middle" }),
    );
  }
  for (let power = y0; power <= y1; power += 1) {
    svg.append(
      drawn("line", { x1: frame.left, x2: frame.right, y1: y(power), y2: y(power), class: "grid" }),
      text(frame.left - 6, y(power) + 4, money(10 ** power), { "text-anchor": "end" }),
    );
  }
  svg.append(drawn("line", { x1: frame.left, x2: frame.right, y1: y(log(markYuan)), y2: y(log(markYuan)), class: "mark-line" }));
  svg.append(text(frame.right, frame.bottom + 31, word("area_axis"), { "text-anchor": "end" }));
  const paths = columns.symbols.map(() => []);
  points.forEach((row, at) => {
    paths[columns.symbol[row]].push(`M${x(areas[at]).toFixed(1)} ${y(taxes[at]).toFixed(1)}h0`);
  });
  paths.forEach((parts, at) => {
    if (parts.length) svg.append(drawn("path", { d: parts.join(""), class: `dots ${columns.symbols[at].css}` }));
  });
}

// The small chart of a tower's card: tax by year against the mark.
export function taxByYear(records) {
  const known = records.filter((record) => record.tax_yuan != null);
  const top = Math.max(markYuan, ...known.map((record) => record.tax_yuan)) * 1.08;
  const width = 320;
  const height = 120;
  const step = width / Math.max(records.length, 1);
  const y = (yuan) => 96 - (yuan / top) * 84;
  const svg = drawn("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    class: "chart",
    "aria-label": records.map((record) => `${record.year}: ${money(record.tax_yuan)}`).join("; "),
  });
  svg.append(drawn("line", { x1: 0, x2: width, y1: y(markYuan), y2: y(markYuan), class: "mark-line" }));
  records.forEach((record, at) => {
    const middle = at * step + step / 2;
    if (record.tax_yuan != null) {
      const bar = Math.min(36, step * 0.6);
      const css = record.tax_yuan >= markYuan ? "bar high-1" : "bar low-3";
      svg.append(
        drawn("rect", { x: middle - bar / 2, y: y(record.tax_yuan), width: bar, height: 96 - y(record.tax_yuan), class: css }),
        text(middle, y(record.tax_yuan) - 3, money(record.tax_yuan).replace(/\s?[元]$/, ""), { "text-anchor": "middle", class: "small" }),
      );
    }
    svg.append(text(middle, 112, String(record.year), { "text-anchor": "middle" }));
  });
  return svg;
}
