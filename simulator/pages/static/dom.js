// Building elements. Text always goes in as text: nothing here, or anywhere on the page, parses HTML.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-6 16-3-7z",
  attach: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  photo: "M4 6h16v12H4zM4 15l4-4 4 4 3-3 5 5M15.500 9.500h.01",
  pin: "M12 21s7-6.200 7-11.200A7 7 0 0 0 5 9.800C5 14.800 12 21 12 21zM12 12.300a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  list: "M8 7h12M8 12h12M8 17h12M4 7h.01M4 12h.01M4 17h.01",
  link: "M10 6H6a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-4M14 4h6v6M20 4l-9 9",
  reply: "M9 6l-5 5 5 5M4 11h10a6 6 0 0 1 6 6v1",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  check: "M5 13l4 4L19 7",
  checks: "M2 13l4 4L15 8M11 16l1 1L22 7",
  alert: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500v5.500M12 16.500h.01",
  down: "M6 9l6 6 6-6",
  lock: "M7 10V7a5 5 0 0 1 10 0v3M6 10h12v10H6z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  chat: "M4 5h16v11H10l-5 4v-4H4zM8 9.500h8M8 12.500h5",
  camera: "M4 8h4l1.500-2.500h5L16 8h4v11H4zM12 16.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  envelope: "M4 6h16v12H4zM4 7l8 6 8-6",
  dial: "M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  phone: "M6 4h4l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500v4a1 1 0 0 1-1 1A15.500 15.500 0 0 1 5 5a1 1 0 0 1 1-1z",
  star: "M12 4l2.400 5 5.600.700-4.100 3.800 1.100 5.500-5-2.800-5 2.800 1.100-5.500L4 9.700 9.600 9z",
  signal: "M4 20v-3M9 20v-7M14 20v-11M19 20V5",
};

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name, label) {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", "0 0 24 24");
  node.setAttribute("class", `icon icon-${name}`);
  if (label) {
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", label);
  } else {
    node.setAttribute("aria-hidden", "true");
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  node.append(path);
  return node;
}

export function initials(name) {
  return name.split(/\s+/).filter((word) => /^\p{Lu}/u.test(word)).slice(0, 2).map((word) => word[0]).join("");
}

export function avatar(name, number) {
  return el("span", { class: "avatar", "data-tone": Number(number.slice(-2)) % 5, "aria-hidden": "true" }, initials(name));
}

export function slug(text) {
  return text.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
