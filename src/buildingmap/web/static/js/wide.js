// A table that is wider than its place says that it scrolls; one that fits says nothing.

const hint = document.body.dataset.scrolls;
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target.closest(".scroll"))));

function mark(region) {
  if (!region) return;
  region.dataset.says = hint;
  region.classList.toggle("wide", region.scrollWidth > region.clientWidth + 1);
}

function watch() {
  for (const region of document.querySelectorAll(".scroll:not([data-says])")) {
    mark(region);
    sizes.observe(region);
    for (const table of region.querySelectorAll("table")) sizes.observe(table);
  }
}

// answers come into the page later
new MutationObserver(watch).observe(document.body, { childList: true, subtree: true });
watch();
