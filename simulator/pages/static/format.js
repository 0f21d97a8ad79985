// WhatsApp's marks (*bold*, _italic_, ~struck~, `code`, ```block```) and bare links, as nodes; times as words.

import { el } from "./dom.js";

const TAGS = { "*": "strong", _: "em", "~": "s" };
const LINK = '(https?:\\/\\/[^\\s<>"]*[^\\s<>".,;:!?)\\]*_~])';
const LINKS = new RegExp(LINK, "gu");
const MARKS = new RegExp(
  [
    "```([\\s\\S]+?)```",
    "`([^`\\n]+)`",
    LINK,
    "(?<![\\p{L}\\p{N}])([*_~])(?=\\S)((?:(?!\\4)[^\\n])+)(?<=\\S)\\4(?![\\p{L}\\p{N}])",
  ].join("|"),
  "gu",
);

// Without `marks` only links are made out.
export function formatted(text, marks = true) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(marks ? MARKS : LINKS)) {
    const [whole, block, code, url, mark, inner] = match;
    nodes.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (!marks) nodes.push(el("a", { href: whole, target: "_blank", rel: "noopener noreferrer" }, whole));
    else if (block !== undefined) nodes.push(el("code", { class: "block" }, block.replace(/^\n|\n$/g, "")));
    else if (code !== undefined) nodes.push(el("code", {}, code));
    else if (url !== undefined) nodes.push(el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url));
    else nodes.push(el(TAGS[mark], {}, ...formatted(inner)));
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

// The same words without their marks, for a line of preview.
export function plain(text) {
  return formatted(text).map((node) => (typeof node === "string" ? node : node.textContent)).join("").replace(/\s+/g, " ");
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

export function clock(at) {
  return CLOCK.format(new Date(at));
}

export function day(at) {
  const then = new Date(at);
  const today = new Date();
  if (then.toDateString() === today.toDateString()) return "Today";
  today.setDate(today.getDate() - 1);
  return then.toDateString() === today.toDateString() ? "Yesterday" : DAY.format(then);
}
