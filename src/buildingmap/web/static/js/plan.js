// The plan page: what is changed in the form is solved, and what comes of it replaces the answer and the map.

import { share } from "./figures.js";
import { clearComparisons, fields, onChange, openField, showFaults, showWeights, wish } from "./plan_form.js";
import { PlanMap } from "./plan_map.js";

const POLL_MS = 120;
const SHOW_AFTER_MS = 400;
const words = JSON.parse(document.body.dataset.planWords);
const token = document.querySelector('meta[name="csrf-token"]').content;
const place = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat(words.lang === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 1 });
const map = new PlanMap({
  onFix: (site, sector) => wish("fixed", site, sector),
  onForbid: (site) => wish("forbidden", site),
  onWhyNot: (site) => askWhyNot(site),
});
let running = null; // the question under way: its job, and how to give it up
let shownPlan = place("plan-drawn")?.dataset.job ?? null;
let mapOf = "";

class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "");
    this.errors = problem.errors ?? [];
  }
}

function word(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

async function send(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error(words.unreachable);
  }
  if (answer.ok) return answer;
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    // an answer that is no JSON has nothing more to say
  }
  throw new Refused({ detail: String(answer.status), ...problem });
}

function post(path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  return send(path, { method: "POST", headers, body });
}

function tell(text) {
  const told = place("plan-problem");
  told.textContent = text;
  told.hidden = text === "";
}

function say(text) {
  place("plan-said").textContent = text;
}

function giveUp() {
  if (!running) return;
  running.stopped = true;
  if (running.id) fetch(`/api/plans/${running.id}`, { method: "DELETE", headers: { "X-CSRF-Token": token } }).catch(() => {});
  running = null;
  place("plan-progress").hidden = true;
  document.documentElement.dataset.plan = "stopped";
}

// Waits until a job is answered; shows how far it is once that takes longer than one waits without asking why.
async function follow(mine) {
  const began = performance.now();
  for (;;) {
    const job = await (await send(`/api/plans/${mine.id}`)).json();
    if (mine.stopped) return null;
    if (job.state !== "waiting" && job.state !== "solving") {
      place("plan-progress").hidden = true;
      return job;
    }
    if (performance.now() - began > SHOW_AFTER_MS) progress(job);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function progress(job) {
  const bar = place("plan-bar");
  let text = words[job.state === "waiting" ? "waiting" : "solving"];
  if (job.of) {
    bar.max = job.of;
    bar.value = job.done;
    text = word(words.done_of, { done: job.done, of: job.of });
  } else {
    bar.removeAttribute("value");
    if (job.score != null) {
      const values = { score: numbers.format(job.score), bound: job.bound == null ? "" : numbers.format(job.bound) };
      const gap = job.gap == null ? "" : share(job.gap, 2);
      text = word(job.bound == null ? words.score_only : words.progress, { ...values, gap });
    }
  }
  place("plan-told").textContent = text;
  place("plan-progress").hidden = false;
}

// Asks a question: `begin` starts the job, `end` shows its answer. A newer question makes an older one void.
async function question(begin, end, failed = tell) {
  giveUp();
  const mine = { id: null, stopped: false };
  running = mine;
  document.documentElement.dataset.plan = "solving";
  tell("");
  try {
    const begun = await (await begin()).json();
    mine.id = begun.id;
    if (mine.stopped) {
      fetch(`/api/plans/${begun.id}`, { method: "DELETE", headers: { "X-CSRF-Token": token } }).catch(() => {});
      return;
    }
    const job = await follow(mine);
    if (!job || mine.stopped) return;
    running = null;
    if (job.state === "cancelled") tell(words.cancelled);
    else if (job.state === "done") await end(job, begun);
    else failed(`${words.failed} ${job.errors.join(" ")}`);
    document.documentElement.dataset.plan = job.state;
  } catch (error) {
    if (mine.stopped) return;
    running = null;
    place("plan-progress").hidden = true;
    document.documentElement.dataset.plan = "refused";
    if (error instanceof Refused && error.errors.length) showFaults(error.errors);
    else failed(error.message);
  }
}

function solve() {
  return question(
    () => post("/plan", fields()),
    async (job, { address }) => {
      showFaults([]);
      const language = new URLSearchParams(location.search).get("lang");
      const next = language ? `${address}${address.includes("?") ? "&" : "?"}lang=${language}` : address;
      history.replaceState(null, "", next);
      const link = document.querySelector("nav .language");
      link.href = `${address}${address.includes("?") ? "&" : "?"}lang=${words.lang === "en" ? "zh" : "en"}`;
      await showAnswer(job.id);
    },
  );
}

async function fragment(id) {
  const answer = await send(`/plan/${id}/result?lang=${words.lang}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function showAnswer(id) {
  const [page] = await Promise.all([fragment(id), loadMap(id)]);
  const folds = [...document.querySelectorAll("#plan-body details")].filter((fold) => fold.open).map(foldName);
  for (const part of ["plan-heading", "plan-body"]) {
    const fresh = page.getElementById(part);
    if (fresh) place(part).replaceChildren(...fresh.childNodes);
  }
  for (const fold of document.querySelectorAll("#plan-body details")) fold.open = folds.includes(foldName(fold));
  shownPlan = id;
  equip(document);
  const drawn = JSON.parse(place("plan-drawn").dataset.drawn);
  map.show(drawn);
  showWeights(drawn.weights);
  // what was found for the old weights is not said of the new ones
  layer.querySelector('[value="frequency"]').disabled = true;
  if (layer.value === "frequency") {
    layer.value = "";
    map.choose("", "");
  }
  say(drawn.said);
}

function foldName(fold) {
  return fold.querySelector("summary").textContent.trim().split(/\s\d/)[0];
}

async function loadMap(id) {
  const answer = await send(`/plan/${id}/map`);
  const tag = answer.headers.get("ETag");
  if (tag && tag === mapOf) return;
  const first = mapOf === "";
  mapOf = tag ?? id;
  map.load(await answer.json());
  if (first) map.fit();
}

function askWhyNot(site, sector = "") {
  place("why-not-site").value = site;
  place("why-not-sector").value = sector;
  place("plan-why-not").scrollIntoView({ block: "start" });
  place("why-not").querySelector("button").focus({ preventScroll: true });
  return askMore(place("why-not"));
}

// Whatever else is asked about the plan that is shown: its answer stands under its form.
function askMore(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = place(`answer-${body.get("ask")}`);
  return question(
    () => post(`/plan/${shownPlan}/ask`, body),
    async (job) => {
      const page = await fragment(job.id);
      answer.replaceChildren(...page.body.childNodes);
      offerFrequency();
    },
    (text) => {
      answer.textContent = text;
    },
  );
}

// How often each site is chosen becomes a layer of the map, and is shown.
function offerFrequency() {
  const told = document.querySelector("[data-frequency]");
  if (!told) return;
  map.often(JSON.parse(told.dataset.frequency));
  layer.querySelector('[value="frequency"]').disabled = false;
  if (layer.value === "frequency") map.paint();
}

// What only works with a script is shown once there is one.
function equip(root) {
  for (const node of root.querySelectorAll(".needs-script")) node.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  const { fix, forbid, whyNot, show } = button.dataset;
  if (fix) wish("fixed", fix, button.dataset.with);
  else if (forbid) wish("forbidden", forbid);
  else if (whyNot) askWhyNot(whyNot);
  else if (show) map.point(show);
  else if (button.id === "print") window.print();
  else if (button.id === "clear-comparisons") clearComparisons();
  else if (button.hash?.startsWith("#f-") && openField(button.hash)) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches(".plan-ask")) {
    event.preventDefault();
    askMore(event.target);
  } else if (event.target.id === "plan-cancel") {
    event.preventDefault();
    giveUp();
    tell(words.cancelled);
  }
});
const layer = place("layer");
const layerSector = place("layer-sector");
for (const choice of [layer, layerSector]) {
  choice.addEventListener("change", () => {
    layerSector.disabled = layer.value === "" || layer.value === "frequency";
    map.choose(layer.value, layerSector.value);
  });
}
onChange(solve);
equip(document);
// On a phone the form would push the answer off the screen: it starts folded, unless it has something to say.
if (matchMedia("(max-width: 60rem)").matches && place("form-faults").hidden) place("plan-fold").open = false;
for (const button of document.querySelectorAll("[data-bounds]")) {
  const [west, south, east, north] = JSON.parse(button.dataset.bounds);
  button.addEventListener("click", () => map.zoom([[south, west], [north, east]]));
}
if (shownPlan) {
  const drawn = JSON.parse(place("plan-drawn").dataset.drawn);
  map.show(drawn);
  showWeights(drawn.weights);
  await loadMap(shownPlan);
  map.paint();
  offerFrequency();
  document.documentElement.dataset.plan = "done";
} else if (place("plan-progress").dataset.job) {
  const id = place("plan-progress").dataset.job;
  if (!place("plan-progress").hidden) await question(async () => new Response(JSON.stringify({ id })), () => location.reload());
} else if (place("form-faults").hidden) {
  await solve();
}
