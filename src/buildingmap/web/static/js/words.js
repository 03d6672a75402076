// The labels of the page, in the reader's language. They come with the page as text and are only ever set as text.

const page = JSON.parse(document.body.dataset.words);

export const lang = page.lang;
export const markYuan = page.mark_yuan;
export const bandsOnly = page.bands_only; // the reader is told bands, never amounts
export const labels = page.labels; // bands, sectors, clusters, statuses: lists in the district's order

const numbers = new Intl.NumberFormat(lang === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat(lang === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 0 });

export function word(key, values = {}) {
  return (page.words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

export function label(kind, code) {
  return labels[kind][code] ?? word("unknown");
}

export function integer(value) {
  return value == null ? "—" : whole.format(value);
}

// Rounded towards zero: 99,999,999 yuan must never read as if it had passed the mark. The nudge, far below one yuan,
// is for figures that binary holds a hair too low: 1.13 * 100 is 112.99999999999999.
function cut(value, decimals) {
  const scale = 10 ** decimals;
  return numbers.format(Math.trunc(value * scale * (1 + 1e-12)) / scale);
}

export function money(yuan) {
  if (yuan == null) return "—";
  if (lang === "en") {
    if (yuan >= 1e9) return `¥${cut(yuan / 1e9, 2)}B`;
    if (yuan >= 1e6) return `¥${cut(yuan / 1e6, 1)}M`;
    return `¥${cut(yuan, 0)}`;
  }
  if (yuan >= 1e8) return `${cut(yuan / 1e8, 2)} 亿元`;
  if (yuan >= 1e4) return `${cut(yuan / 1e4, 1)} 万元`;
  return `${cut(yuan, 0)} 元`;
}

export function exactMoney(yuan) {
  return yuan == null ? "—" : `${numbers.format(yuan)} ${word("yuan")}`;
}

export function percent(share) {
  return share == null ? "—" : `${cut(share * 100, 1)}%`;
}

export function area(m2) {
  return m2 == null ? "—" : `${whole.format(m2)} m²`;
}

export function metres(value) {
  if (value == null) return "—";
  return value >= 1000 ? `${cut(value / 1000, 1)} km` : `${whole.format(value)} m`;
}
