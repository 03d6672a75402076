// The import: a file sent by drag and drop with its progress, and the page of one that is under way.

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const form = document.querySelector("form.drop");
const working = document.querySelector("[data-job]");

if (form) {
  const field = form.querySelector('input[type="file"]');
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.files[0]) send(field.files[0]);
    else field.focus();
  });
  field.addEventListener("change", () => field.files[0] && send(field.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) send(file);
  });
}

function send(file) {
  const words = JSON.parse(form.dataset.words);
  const bar = form.querySelector("progress");
  const status = form.querySelector('[role="status"]');
  const problem = form.querySelector(".problem");
  const request = new XMLHttpRequest();
  const fail = (text) => {
    bar.hidden = true;
    status.textContent = "";
    problem.textContent = text;
    problem.hidden = false;
  };
  problem.hidden = true;
  bar.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    const percent = event.lengthComputable ? Math.floor((100 * event.loaded) / event.total) : 0;
    bar.value = percent;
    status.textContent = words.sending.replace("%(percent)s", percent).replace("%%", "%");
  });
  request.addEventListener("error", () => fail(words.unreachable));
  request.addEventListener("load", () => {
    if (request.status === 202) {
      location.assign(`/import/${JSON.parse(request.responseText).id}`);
      return;
    }
    let detail = String(request.status);
    try {
      detail = JSON.parse(request.responseText).detail ?? detail;
    } catch {
      // an answer that is no JSON has nothing more to say
    }
    fail(`${words.refused} ${detail}`);
  });
  request.open("POST", `/api/imports?name=${encodeURIComponent(file.name.slice(-120))}`);
  request.setRequestHeader("X-CSRF-Token", token);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

async function watch() {
  const bar = working.querySelector("progress");
  const told = working.querySelector("[data-progress]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    let job;
    try {
      const answer = await fetch(`/api/imports/${working.dataset.job}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) break;
      job = await answer.json();
    } catch {
      continue; // the server may be back in a moment
    }
    if (job.state !== "reading" && job.state !== "applying") break;
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
      told.textContent = `${job.done} / ${job.total}`;
    }
  }
  location.reload();
}

if (working) watch();
