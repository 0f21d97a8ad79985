// What slides up from the bottom of a phone: a list's rows, pictures, places; and the phone's own browser.

import { el, icon, slug } from "./dom.js";

// Invented doors on real streets; a phone would ask its satellite receiver.
const PLACES = [
  { name: "Balogun Market", address: "Lagos Island, Lagos", latitude: 6.4541, longitude: 3.3887 },
  { name: "14 Adeniran Ogunsanya Street", address: "Surulere, Lagos", latitude: 6.4969, longitude: 3.3567 },
  { name: "Yaba College Road", address: "Yaba, Lagos", latitude: 6.5158, longitude: 3.3752 },
  { name: "Kenyatta Market", address: "Golf Course, Nairobi", latitude: -1.3086, longitude: 36.8013 },
  { name: "Tom Mboya Street", address: "Central, Nairobi", latitude: -1.2838, longitude: 36.8258 },
  { name: "Ngong Road, Prestige Plaza", address: "Kilimani, Nairobi", latitude: -1.3003, longitude: 36.787 },
  { name: "Marché d'Adjamé", address: "Adjamé, Abidjan", latitude: 5.3534, longitude: -4.0232 },
  { name: "Rue des Jardins", address: "Cocody, Abidjan", latitude: 5.3717, longitude: -3.9939 },
];

export class Sheets {
  #screen;
  #views;
  #open = null;

  constructor(screen, views) {
    this.#screen = screen;
    this.#views = views;
  }

  close() {
    if (!this.#open) return;
    const { layer, focus } = this.#open;
    this.#open = null;
    layer.remove();
    for (const view of this.#views) view.inert = false;
    if (focus?.isConnected) focus.focus({ preventScroll: true });
  }

  owns(frame) {
    return this.#open?.layer.querySelector("iframe")?.contentWindow === frame;
  }

  rows(message, pick) {
    const sections = message.content.action.sections.map((section) =>
      el(
        "section", { class: "rows" },
        section.title ? el("h3", {}, section.title) : null,
        section.rows.map((row) =>
          this.#row("list-row", row.title, row.description, () => pick(row), message.picked === row.id ? "check" : null),
        ),
      ),
    );
    this.#sheet(message.content.action.button, sections);
  }

  // `shares` names which of the acts the app has.
  attachments(shares, acts) {
    const tiles = { photo: ["photo", "Photo"], location: ["pin", "Location"], story: ["reply", "Reply to a story"], mention: ["star", "Mention in a story"] };
    this.#sheet("Share", [el("div", { class: "tiles" }, shares.map((name) => this.#tile(`attach-${name}`, ...tiles[name], acts[name])))]);
  }

  photos(names, pick) {
    const pictures = names.map((name) =>
      el(
        "button",
        { class: "photo", type: "button", "data-testid": `photo-${name}`, onclick: () => this.#leave(() => pick(name)) },
        el("img", { src: `/phones/photos/${name}`, alt: "" }),
        el("span", {}, name.replaceAll("-", " ")),
      ),
    );
    this.#sheet("Send a photo", [el("div", { class: "photos" }, pictures)]);
  }

  places(near, pick) {
    const sorted = [...PLACES].sort((one, other) => Number(other.address.endsWith(near)) - Number(one.address.endsWith(near)));
    const rows = sorted.map((place) => this.#row(`place-${slug(place.name)}`, place.name, place.address, () => pick(place), "pin"));
    this.#sheet("Send a location", [el("section", { class: "rows" }, rows)]);
  }

  browser(url) {
    const address = new URL(url);
    const frame = el("iframe", { src: address.href, title: "Web page", "data-testid": "browser" });
    const bar = el(
      "header", { class: "browser-bar" },
      this.#closer("browser-close"),
      el("span", { class: "address" }, icon("lock"), address.host),
      el("a", { class: "round", href: address.href, target: "_blank", rel: "noopener", "aria-label": "Open in a tab of its own" }, icon("link")),
    );
    this.#raise(el("div", { class: "browser", role: "dialog", "aria-modal": "true", "aria-label": "Web page" }, bar, frame));
  }

  #sheet(title, parts) {
    const sheet = el(
      "div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title, "data-testid": "sheet" },
      el("header", {}, el("h2", {}, title), this.#closer("sheet-close")),
      el("div", { class: "sheet-body" }, parts),
    );
    this.#raise(el("div", { class: "shade", onclick: (event) => event.target === event.currentTarget && this.close() }, sheet));
  }

  #raise(layer) {
    const focus = this.#open?.focus ?? document.activeElement;
    this.close();
    layer.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#open = { layer, focus };
    for (const view of this.#views) view.inert = true;
    this.#screen.append(layer);
    layer.querySelector(".sheet-body button, button")?.focus({ preventScroll: true });
  }

  #leave(then) {
    this.close();
    then();
  }

  #row(testid, title, description, act, mark) {
    return el(
      "button", { class: "row", type: "button", "data-testid": testid, onclick: () => this.#leave(act) },
      el("span", { class: "row-words" }, el("strong", {}, title), description ? el("span", {}, description) : null),
      mark ? icon(mark) : null,
    );
  }

  #tile(testid, name, title, act) {
    return el("button", { class: "tile", type: "button", "data-testid": testid, onclick: () => this.#leave(act) }, icon(name), title);
  }

  #closer(testid) {
    return el("button", { class: "round", type: "button", "aria-label": "Close", "data-testid": testid, onclick: () => this.close() }, icon("close"));
  }
}
