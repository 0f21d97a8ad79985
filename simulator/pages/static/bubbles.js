// One message as a bubble, whatever its type.

import { el, icon } from "./dom.js";
import { clock, formatted, plain } from "./format.js";

const NAMES = {
  audio: "Voice note", video: "Video", document: "Document", sticker: "Sticker", contacts: "Contact card",
  order: "Order from the catalogue", reaction: "Reaction", system: "Notice", unsupported: "Unsupported message",
};
const STATUS = {
  pending: ["clock", "Sending"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
  failed: ["alert", "Not delivered"],
};

// A line that stands for the message in the list of chats and in quotes.
export function preview(message) {
  if (message.type === "image") return message.text ? `Photo · ${plain(message.text)}` : "Photo";
  if (message.type === "location") return message.content.name ?? "Location";
  return plain(message.text) || NAMES[message.type] || message.type;
}

// `acts` has tap(message, choice), list(message), link(url, event) and location().
export function bubble(message, quoted, acts) {
  const mine = message.by_shopper;
  const outer = el("article", {
    class: `message ${mine ? "mine" : "theirs"}`,
    "data-testid": "message",
    "data-id": message.id,
    "data-from": mine ? "shopper" : "shop",
    "data-type": message.type,
    "data-status": message.status,
  });
  const box = el("div", { class: `bubble bubble-${message.type}` });
  if (mine && quoted) box.append(el("p", { class: "quote" }, el("span", {}, preview(quoted))));
  box.append(...content(message), foot(message));
  outer.append(box, ...actions(message, acts));
  if (message.error) outer.append(el("p", { class: "trouble", role: "status" }, icon("alert"), message.error));
  return outer;
}

function content(message) {
  const parts = [];
  if (message.media && ["image", "sticker", "interactive"].includes(message.type)) {
    parts.push(el("img", { class: "picture", src: `/phones/media/${message.media}`, alt: message.text ? "" : "Photo", loading: "lazy" }));
  }
  if (message.type === "interactive" && message.content.header?.text) {
    parts.push(el("p", { class: "words headline" }, message.content.header.text));
  }
  if (message.type === "location") parts.push(place(message.content));
  else if (NAMES[message.type] && message.type !== "sticker") parts.push(el("p", { class: "words other" }, icon("file"), other(message)));
  if (message.text && message.type !== "location") parts.push(el("p", { class: "words", dir: "auto" }, ...formatted(message.text)));
  if (message.type === "interactive" && message.content.footer?.text) {
    parts.push(el("p", { class: "words footline" }, message.content.footer.text));
  }
  return parts;
}

function other(message) {
  return message.content?.filename ?? (message.type === "reaction" ? `Reacted ${message.content.emoji}` : NAMES[message.type]);
}

function place({ latitude, longitude, name, address }) {
  return el(
    "div", { class: "place" },
    el("span", { class: "place-map" }, icon("pin")),
    el("strong", {}, name ?? "Location"),
    el("span", {}, address ?? `${Number(latitude).toFixed(4)}, ${Number(longitude).toFixed(4)}`),
  );
}

function foot(message) {
  const line = el("span", { class: "foot" }, el("time", { datetime: message.at }, clock(message.at)));
  if (message.by_shopper && STATUS[message.status]) {
    const [name, label] = STATUS[message.status];
    const ticks = icon(name, label);
    ticks.setAttribute("data-testid", "ticks");
    line.append(ticks);
  }
  return line;
}

function actions(message, acts) {
  if (message.by_shopper || message.type !== "interactive") return [];
  const kind = message.content.type;
  if (kind === "button") {
    return message.choices.map((choice) => act("reply-button", "reply", choice.title, () => acts.tap(message, choice), message.picked === choice.id));
  }
  if (kind === "list") return [act("open-list", "list", message.content.action.button, () => acts.list(message), false, "dialog")];
  if (kind === "location_request_message") return [act("location-button", "pin", "Send location", () => acts.location())];
  if (kind !== "cta_url") return [];
  const { title, url } = message.link;
  return [
    el(
      "a",
      { class: "action", href: url, target: "_blank", rel: "noopener noreferrer", "data-testid": "link-button", onclick: (event) => acts.link(url, event) },
      icon("link"), title,
    ),
  ];
}

function act(testid, name, title, onclick, picked = false, popup = undefined) {
  return el(
    "button",
    { class: `action${picked ? " picked" : ""}`, type: "button", "data-testid": testid, "aria-haspopup": popup, onclick },
    icon(picked ? "check" : name), title,
  );
}
