// The labels of the page, in the reader's language. They come with the page as text and are only ever set as text.

import * as figures from "./figures.js";

const page = JSON.parse(document.body.dataset.words);

export const lang = page.lang;
export const markYuan = page.mark_yuan;
export const bandsOnly = page.bands_only; // the reader is told bands, never amounts
export const labels = page.labels; // bands, sectors, clusters, statuses: lists in the district's order

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

export function word(key, values = {}) {
  return (page.words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

export function label(kind, code) {
  return labels[kind][code] ?? word("unknown");
}

export function integer(value) {
  return value == null ? "—" : whole.format(value);
}

export const money = (yuan) => figures.money(yuan, lang);
export const exactMoney = (yuan) => figures.exactMoney(yuan, lang);
export const perM2 = (yuan) => figures.perM2(yuan, lang);
export const percent = (value) => figures.share(value);
export const { area, metres } = figures;
