// The stacking plan by keyboard: one stop for Tab, the arrow keys from box to box and from floor to floor.

const floors = [...document.querySelectorAll(".stack .storey")].map((floor) => [...floor.querySelectorAll("a")]).filter((boxes) => boxes.length);
const boxes = floors.flat();

function middle(box) {
  const rect = box.querySelector("rect");
  return Number(rect.getAttribute("x")) + Number(rect.getAttribute("width")) / 2;
}

// The box of another floor that lies nearest above or below this one.
function across(box, step) {
  const place = floors.findIndex((floor) => floor.includes(box)) + step;
  if (!floors[place]) return null;
  const from = middle(box);
  return floors[place].reduce((best, other) => (Math.abs(middle(other) - from) < Math.abs(middle(best) - from) ? other : best));
}

const moves = {
  ArrowLeft: (box) => boxes[boxes.indexOf(box) - 1],
  ArrowRight: (box) => boxes[boxes.indexOf(box) + 1],
  ArrowUp: (box) => across(box, -1),
  ArrowDown: (box) => across(box, 1),
  Home: () => boxes[0],
  End: () => boxes.at(-1),
};

for (const box of boxes) {
  box.setAttribute("tabindex", box === boxes[0] ? "0" : "-1");
  box.addEventListener("focus", () => {
    for (const other of boxes) other.setAttribute("tabindex", other === box ? "0" : "-1");
  });
  box.addEventListener("keydown", (event) => {
    const next = moves[event.key]?.(box);
    if (!(event.key in moves)) return;
    event.preventDefault();
    next?.focus();
  });
  // to the line of the table, with the focus, so that Tab goes on from there
  box.addEventListener("click", (event) => {
    const line = document.querySelector(box.getAttribute("href"));
    if (!line) return;
    event.preventDefault();
    line.focus();
    line.scrollIntoView({ block: "center" });
  });
}
