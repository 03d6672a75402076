// A tower's card: its facts, its tax by year, where it stands among its neighbours.

import { taxByYear } from "./charts.js";
import { element, symbol } from "./dom.js";
import { askJson } from "./state.js";
import { area, bandsOnly, exactMoney, integer, label, labels, lang, metres, money, perM2, percent, word } from "./words.js";

const bandsByYear = (taxes) =>
  taxes.filter((record) => record.band).map((record) => `${record.year} ${labels.band_names[record.band]}`).join(" · ");

export class Card {
  constructor(towers, { onClose, onChoose }) {
    this.towers = towers;
    this.onClose = onClose;
    this.onChoose = onChoose;
    this.host = document.getElementById("card");
    this.rowOf = new Map(towers.columns.ids.map((id, row) => [id, row]));
    this.host.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.onClose();
    });
  }

  async open(row, year) {
    const id = this.towers.columns.ids[row];
    this.asked = id;
    const tower = await askJson(`/api/buildings/${encodeURIComponent(id)}${year ? `?year=${year}` : ""}`);
    if (this.asked !== id) return;
    this.host.replaceChildren(...this.#parts(row, tower.properties, tower.card));
    this.host.hidden = false;
    this.host.scrollIntoView({ block: "nearest" });
    this.host.focus();
  }

  close() {
    this.asked = null;
    this.host.hidden = true;
    this.host.replaceChildren();
  }

  #parts(row, facts, card) {
    const { columns } = this.towers;
    const close = element("button", { type: "button", class: "close", "aria-label": word("close") }, "×");
    close.addEventListener("click", () => this.onClose());
    const shape = columns.symbols[columns.symbol[row]];
    return [
      element("div", { class: "card-head" }, symbol(shape), element("h2", {}, this.towers.name(row)), close),
      element("p", { class: "facts" }, [facts.id, lang === "en" ? facts.name : facts.name_en, facts.address].filter(Boolean).join(" · ")),
      element("p", {}, element("a", { href: `/buildings/${encodeURIComponent(facts.id)}` }, word("open_file"))),
      this.#tax(facts, card),
      this.#facts(row, facts, card),
      this.#neighbours(card),
      element("p", { class: "source" }, [facts.source, facts.as_of && word("as_of", { date: facts.as_of })].filter(Boolean).join(" · ")),
    ];
  }

  #tax(facts, card) {
    const host = element("div", { class: "card-tax" });
    if (facts.tax_yuan != null) {
      const band = labels.band_names[facts.band] ?? word("unknown");
      host.append(
        element("p", {}, element("b", {}, money(facts.tax_yuan)), ` ${facts.tax_year ?? ""} · ${band}`),
        element("p", { class: "facts" }, exactMoney(facts.tax_yuan)),
        element("p", { class: facts.past_mark ? "past" : "gap" }, facts.past_mark ? word("past_mark") : word("gap", { gap: money(card.gap_yuan) })),
      );
    } else if (facts.band) {
      host.append(
        element("p", {}, element("b", {}, labels.band_names[facts.band]), ` ${card.tax_year ?? ""}`),
        element("p", { class: facts.past_mark ? "past" : "gap" }, facts.past_mark ? word("past_mark") : ""),
        element("p", { class: "facts" }, bandsByYear(card.taxes)),
      );
    } else host.append(element("p", {}, card.taxes.length && !bandsOnly ? word("no_tax_of_year") : word("no_tax")));
    if (card.taxes.length && !bandsOnly) host.append(element("figure", {}, element("figcaption", {}, word("tax_by_year")), taxByYear(card.taxes)));
    return host;
  }

  #facts(row, facts, card) {
    const { columns } = this.towers;
    const station = card.nearest_station;
    const entries = [
      ["rank", card.rank_in_cluster && word("rank_of", { ...card.rank_in_cluster, cluster: label("clusters", columns.cluster[row]) })],
      ["sector", label("sectors", columns.sector[row])],
      ["tags", facts.sectors.map((id) => labels.sector_names[id] ?? id).join(" · ")],
      ["status", [label("statuses", columns.status[row]), facts.completion_year].filter(Boolean).join(" · ")],
      ["floors", facts.floors && [integer(facts.floors), facts.height_m && `${facts.height_m} m`].filter(Boolean).join(" · ")],
      ["floor_area", facts.floor_area_m2 != null && area(facts.floor_area_m2)],
      ["leasable_area", facts.leasable_area_m2 != null && area(facts.leasable_area_m2)],
      ["vacancy_rate", facts.vacancy_rate != null && percent(facts.vacancy_rate)],
      ["tax_per_m2", card.tax_per_floor_m2 != null && perM2(card.tax_per_floor_m2)],
      ["tax_per_leasable", card.tax_per_leasable_m2 != null && perM2(card.tax_per_leasable_m2)],
      ["district_revenue", facts.district_revenue_yuan != null && money(facts.district_revenue_yuan)],
      ["grade", [facts.grade, facts.grade_standard, facts.grade_date].filter(Boolean).join(" · ")],
      ["station", station && `${station[lang]} ${metres(station.distance_m)}`],
    ];
    const facts_list = element("dl");
    for (const [name, value] of entries) {
      if (value) facts_list.append(element("dt", {}, word(`fact_${name}`)), element("dd", {}, value));
    }
    return facts_list;
  }

  #neighbours(card) {
    if (!card.neighbours.length) return null;
    const list = element("ul", { class: "neighbours" });
    for (const near of card.neighbours) {
      const row = this.rowOf.get(near.id);
      const button = element("button", { type: "button" }, `${this.towers.name(row)} · ${metres(near.distance_m)}`);
      button.addEventListener("click", () => this.onChoose(row));
      list.append(element("li", {}, button));
    }
    return element("div", {}, element("h3", {}, word("neighbours")), list);
  }
}
