// A saved scenario: printed, and made again by the server beside the requests, with what came of it in words.

const EVERY_MS = 700;
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const panel = document.getElementById("rerun");
if (panel) again(panel);

function again(panel) {
  const words = JSON.parse(panel.dataset.words);
  const start = panel.querySelector("[data-start]");
  const stop = panel.querySelector("[data-stop]");
  const said = panel.querySelector("[data-said]");
  let job = null;
  panel.hidden = false;
  start.addEventListener("click", async () => {
    working(true);
    say(words.running);
    await follow(await ask("POST", `/api/scenarios/${encodeURIComponent(panel.dataset.scenario)}/rerun`));
    working(false);
  });
  stop.addEventListener("click", () => job && ask("DELETE", `/api/scenarios/reruns/${job}`));

  function working(is) {
    start.disabled = is;
    stop.hidden = !is;
    if (!is) start.focus();
  }

  function say(text) {
    said.textContent = text;
  }

  async function ask(method, path) {
    try {
      const response = await fetch(path, { method, headers: { Accept: "application/json", "X-CSRF-Token": token } });
      if (response.status === 204) return null;
      const answer = await response.json();
      return response.ok ? answer : { state: "failed", error: answer.detail ?? answer.title };
    } catch {
      return { state: "failed", error: words.unreachable };
    }
  }

  async function follow(answer) {
    job = answer.id;
    while (answer.state === "running") {
      if (answer.score !== null && answer.bound !== null) {
        say(filled(words.progress, { score: points(answer.score), bound: points(answer.bound) }));
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      answer = await ask("GET", `/api/scenarios/reruns/${job}`);
    }
    job = null;
    if (answer.state === "done") say(outcome(answer.rerun));
    else if (answer.state === "cancelled") say(words.cancelled);
    else say(filled(words.failed, { why: answer.error }));
  }

  function outcome(found) {
    const lines = [
      found.same ? words.same : filled(words.differs, { before: points(found.score_before), after: points(found.score_after) }),
      ...["enter", "leave", "change"].filter((key) => found[key].length).map((key) => filled(words[key], { sites: found[key].join(", ") })),
    ];
    if (!found.same_content) lines.push(words.registry);
    return lines.join(" ");
  }
}

const points = (value) => (value === null ? "—" : value.toFixed(1));
const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
