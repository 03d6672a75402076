// Small pieces of the page; text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export function symbol(shape, title) {
  const svg = drawn("svg", { class: "symbol", viewBox: "-12 -12 24 24", "aria-hidden": title ? null : "true" });
  if (title) svg.append(drawn("title", {}, title));
  svg.append(drawn("path", { class: shape.css, d: shape.path }));
  return svg;
}
