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
  if (message.type === "location") return place(message).name ?? "Location";
  if (message.cards.length && !message.text) return message.cards.map(({ title }) => title).join(" · ");
  return plain(message.text) || plain(message.headline) || (message.media ? "Photo" : NAMES[message.type] || message.type);
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
  if (message.media) {
    parts.push(el("img", { class: "picture", src: `/phones/media/${message.media}`, alt: message.text ? "" : "Photo", loading: "lazy" }));
  }
  if (message.headline) parts.push(el("p", { class: "words headline" }, message.headline));
  if (message.type === "location") parts.push(map(place(message)));
  else if (NAMES[message.type] && !["sticker", "reaction"].includes(message.type)) parts.push(el("p", { class: "words other" }, icon("file"), other(message)));
  if (message.type === "reaction" && !message.text) parts.push(el("p", { class: "words" }, `Reacted ${message.content.emoji ?? ""}`));
  if (message.text && message.type !== "location") parts.push(el("p", { class: "words", dir: "auto" }, ...formatted(message.text, marks(message))));
  if (message.footline) parts.push(el("p", { class: "words footline" }, message.footline));
  return parts;
}

// Only WhatsApp reads *these* marks.
function marks(message) {
  return message.channel.startsWith("whatsapp");
}

function other(message) {
  return message.content?.filename ?? NAMES[message.type];
}

function place({ content }) {
  return {
    latitude: content.latitude ?? content.Latitude, longitude: content.longitude ?? content.Longitude,
    name: content.name ?? content.Label, address: content.address ?? content.Address,
  };
}

function map({ latitude, longitude, name, address }) {
  return el(
    "div", { class: "place" },
    el("span", { class: "place-map" }, icon("pin")),
    el("strong", {}, name ?? "Location"),
    el("span", {}, address ?? `${Number(latitude).toFixed(4)}, ${Number(longitude).toFixed(4)}`),
  );
}

function foot(message) {
  const line = el("span", { class: "foot" }, el("time", { datetime: message.at }, clock(message.at)));
  if (message.parts) line.prepend(el("span", { "data-testid": "parts" }, `${message.parts} SMS`));
  if (message.by_shopper && STATUS[message.status]) {
    const [name, label] = STATUS[message.status];
    const ticks = icon(name, label);
    ticks.setAttribute("data-testid", "ticks");
    line.append(ticks);
  }
  return line;
}

function actions(message, acts) {
  if (message.by_shopper) return [];
  const taps = message.choices.filter((choice) => choice.card === undefined && choice.as !== "number");
  const parts = message.cards.length ? [cards(message, acts)] : [];
  if (message.opener) return [...parts, act("open-list", "list", message.opener, () => acts.list(message), false, "dialog")];
  if (message.ask === "location") parts.push(act("location-button", "pin", "Send location", () => acts.location()));
  if (message.ask === "phone" && message.channel !== "instagram") parts.push(act("phone-button", "phone", "Share phone number", () => acts.phone()));
  if (!message.cards.length) parts.push(...message.links.map((link) => page(link, acts)));
  return [...parts, ...replies(message, taps, acts)];
}

// Buttons under a message; Instagram's quick replies stand side by side and only under the newest.
function replies(message, taps, acts) {
  const isQuick = taps.some((choice) => choice.as === "quick");
  const buttons = taps.map((choice) => act("reply-button", "reply", choice.title, () => acts.tap(message, choice), message.picked === choice.id));
  return isQuick ? [el("div", { class: "quick-replies" }, buttons)] : buttons;
}

function cards(message, acts) {
  return el("div", { class: "cards", "data-testid": "cards", tabindex: "0", role: "group", "aria-label": "Products" }, message.cards.map((card, place) =>
    el(
      "div", { class: "card", "data-testid": "card" },
      card.media ? el("img", { src: `/phones/media/${card.media}`, alt: "", loading: "lazy" }) : null,
      el("strong", {}, card.title),
      card.text ? el("span", {}, card.text) : null,
      card.link ? page(card.link, acts) : null,
      message.choices.filter((choice) => choice.card === place).map((choice) =>
        act("card-button", "reply", choice.title, () => acts.tap(message, choice), message.picked === choice.id)),
    )));
}

function page({ title, url }, acts) {
  return el(
    "a",
    { class: "action", href: url, target: "_blank", rel: "noopener noreferrer", "data-testid": "link-button", onclick: (event) => acts.link(url, event) },
    icon("link"), title,
  );
}

function act(testid, name, title, onclick, picked = false, popup = undefined) {
  return el(
    "button",
    { class: `action${picked ? " picked" : ""}`, type: "button", "data-testid": testid, "aria-haspopup": popup, onclick },
    icon(picked ? "check" : name), title,
  );
}
