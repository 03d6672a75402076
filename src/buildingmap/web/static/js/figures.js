// How figures are written for a reader: the rule of buildingmap/amounts.py, held to it by tests/figures.json.
// Money and shares are cut: 99,999,999 yuan must never read as if it had passed the mark. Areas are rounded.

const grouped = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });
export const UNKNOWN = "—";

// 15 digits: what binary holds a hair too low counts as what was meant. 1.13 * 100 is 112.99999999999999.
const steps = (value, decimals) => Number((value * 10 ** decimals).toPrecision(15));
const written = (whole, decimals) => grouped.format(whole / 10 ** decimals || 0);

export function cut(value, decimals) {
  return written(Math.trunc(steps(value, decimals)), decimals);
}

export function rounded(value, decimals = 0) {
  const exact = steps(value, decimals);
  return written(Math.trunc(exact + (exact < 0 ? -0.5 : 0.5)), decimals);
}

export function money(exact, lang) {
  if (exact == null) return UNKNOWN;
  // whole yuan first: what is less than a fen below the mark is below it, and no noise of binary
  const yuan = Math.trunc(exact);
  if (lang === "en") {
    if (yuan >= 1e9) return `¥${cut(yuan / 1e9, 2)}B`;
    return yuan >= 1e6 ? `¥${cut(yuan / 1e6, 1)}M` : `¥${cut(yuan, 0)}`;
  }
  if (yuan >= 1e8) return `${cut(yuan / 1e8, 2)} 亿元`;
  return yuan >= 1e4 ? `${cut(yuan / 1e4, 1)} 万元` : `${cut(yuan, 0)} 元`;
}

export function exactMoney(yuan, lang) {
  return yuan == null ? UNKNOWN : `${cut(yuan, 2)} ${lang === "en" ? "yuan" : "元"}`;
}

export function perM2(yuan, lang) {
  if (yuan == null) return UNKNOWN;
  return lang === "en" ? `¥${cut(yuan, 0)}/m²` : `${cut(yuan, 0)} 元/㎡`;
}

export function share(value, decimals = 1) {
  return value == null ? UNKNOWN : `${cut(value * 100, decimals)}%`;
}

export function area(m2) {
  return m2 == null ? UNKNOWN : `${rounded(m2)} m²`;
}

export function metres(value) {
  if (value == null) return UNKNOWN;
  return value >= 1000 ? `${cut(value / 1000, 1)} km` : `${rounded(value)} m`;
}
