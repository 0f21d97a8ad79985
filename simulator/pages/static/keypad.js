// The keys of a simple phone.

import { el } from "./dom.js";

const KEYS = [["1", ""], ["2", "abc"], ["3", "def"], ["4", "ghi"], ["5", "jkl"], ["6", "mno"], ["7", "pqrs"], ["8", "tuv"], ["9", "wxyz"], ["*", ""], ["0", "+"], ["#", ""]];

// `press` gets a figure, * or #, "clear" or "ok".
export function keypad(press) {
  const key = (name, label, more, kind = "") =>
    el("button", { class: `key ${kind}`, type: "button", "data-testid": `key-${name}`, onclick: () => press(name) }, el("b", {}, label), more ? el("small", {}, more) : null);
  return el(
    "div", { class: "keypad", role: "group", "aria-label": "Keypad", "data-testid": "keypad" },
    key("clear", "Clear", "", "soft"), key("ok", "OK", "", "soft main"),
    KEYS.map(([figure, letters]) => key(figure, figure, letters)),
  );
}
