// The registry's rows over HTTP: added, changed only while they are what was seen, and what was refused and why.

const TYPE = "application/json";

// The values do not pass the check: `faults` says of each field what was expected.
export class Refused extends Error {
  constructor(faults) {
    super("refused");
    this.faults = faults;
  }
}

// Someone changed the row since it was read: `current` is what it holds now (null: deleted), `changed` the fields.
export class Conflict extends Error {
  constructor({ current = null, changed = [] }) {
    super("conflict");
    this.current = current;
    this.changed = changed;
  }
}

// Any other refusal, in the server's own words; without an answer, `unreachable`.
export class Failed extends Error {
  constructor(detail, unreachable = false) {
    super(detail);
    this.unreachable = unreachable;
  }
}

async function send(method, path, { version = null, body = null } = {}) {
  const headers = { Accept: TYPE };
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) headers["X-CSRF-Token"] = token;
  if (version !== null) headers["If-Match"] = `"${version}"`;
  if (body !== null) headers["Content-Type"] = TYPE;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === null ? null : JSON.stringify(body) });
  } catch {
    throw new Failed("", true);
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 412) throw new Conflict(answer);
  if (response.status === 422) throw new Refused(answer.faults ?? []);
  throw new Failed(answer.detail ?? answer.title ?? String(response.status));
}

const pathOf = (table, id) => `/api/records/${encodeURIComponent(table)}/${encodeURIComponent(id)}`;

export const readRow = (table, id) => send("GET", pathOf(table, id));
export const addRow = (table, values) => send("POST", `/api/records/${encodeURIComponent(table)}`, { body: { values } });
export const changeRow = (table, id, version, values) => send("PATCH", pathOf(table, id), { version, body: { values } });
export const checkSite = (asked) => send("POST", "/api/sites/check", { body: asked });
export const deleteRow = (table, id, version) => send("DELETE", pathOf(table, id), { version });
