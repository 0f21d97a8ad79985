// One phone: its list of chats, the open chat, and what slides over them.

import { bubble, preview } from "./bubbles.js";
import { avatar, el, icon, slug } from "./dom.js";
import { clock, day } from "./format.js";
import { Sheets } from "./sheets.js";
import { lastMessage } from "./store.js";

const NEAR_BOTTOM = 80;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

// The address as this page would name it, or null: a machine goes by several names for itself.
function onThisOrigin(url) {
  const address = new URL(url, location.href);
  if (address.port !== location.port || address.protocol !== location.protocol) return null;
  const isOurs = address.hostname === location.hostname || [address, location].every((one) => LOOPBACK.has(one.hostname));
  return isOurs ? new URL(address.pathname + address.search, location.origin).href : null;
}

export class Phone {
  #store;
  #onMove;
  #drawn = new Map();
  #sheets;

  constructor(store, shopper, seller, onMove) {
    this.#store = store;
    this.#onMove = onMove;
    this.shopper = shopper;
    this.seller = store.sellers.find((one) => one.id === seller) ?? null;
    this.#build();
    this.draw();
  }

  #build() {
    this.rows = el("div", { class: "chat-rows", "data-testid": "chat-list" });
    this.listView = el(
      "div", { class: "view list-view" },
      el("header", { class: "top" }, el("h2", {}, "Chats"), el("span", { class: "owner" }, this.shopper.name)),
      this.rows,
    );
    this.chatView = el("div", { class: "view chat-view" }, this.#buildTop(), this.#buildLog(), this.#buildComposer());
    this.screen = el("div", { class: "screen" }, this.#buildStatusBar(), this.listView, this.chatView);
    this.node = el(
      "section",
      { class: "phone", id: `phone-${slug(this.shopper.name)}`, "data-testid": `phone-${slug(this.shopper.name)}`, "aria-label": `${this.shopper.name}'s phone` },
      this.screen,
    );
    this.#sheets = new Sheets(this.screen, [this.listView, this.chatView]);
  }

  #buildStatusBar() {
    return el(
      "div", { class: "status-bar" },
      el("span", { class: "who" }, this.shopper.name, el("small", {}, `+${this.shopper.id}`)),
      el("span", { class: "place-name" }, this.shopper.place, icon("signal")),
    );
  }

  #buildTop() {
    this.face = el("span", {});
    this.title = el("strong", { "data-testid": "chat-title" });
    this.subtitle = el("span", { class: "subtitle", "data-testid": "chat-subtitle" });
    const back = el("button", { class: "round", type: "button", "aria-label": "All chats", "data-testid": "back", onclick: () => this.open(null) }, icon("back"));
    return el("header", { class: "top" }, back, this.face, el("div", { class: "titles" }, this.title, this.subtitle));
  }

  #buildLog() {
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "Messages", "data-testid": "messages" });
    this.jump = el("button", { class: "round jump", type: "button", hidden: true, "aria-label": "Newest message", onclick: () => this.toBottom("smooth") }, icon("down"));
    this.log.addEventListener("scroll", () => { this.jump.hidden = this.#isAtBottom(); }, { passive: true });
    return el("div", { class: "log-frame" }, this.log, this.jump);
  }

  #buildComposer() {
    this.input = el("textarea", { rows: "1", maxlength: "4096", placeholder: "Message", "aria-label": "Message", "data-testid": "composer-text", dir: "auto" });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#sendText();
    });
    this.problem = el("p", { class: "trouble", role: "alert", hidden: true });
    const attach = el("button", { class: "round", type: "button", "aria-label": "Share a photo or a location", "aria-haspopup": "dialog", "data-testid": "attach", onclick: () => this.#attach() }, icon("attach"));
    const send = el("button", { class: "round send", type: "submit", "aria-label": "Send", "data-testid": "send" }, icon("send"));
    const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.#sendText(); } }, attach, this.input, send);
    return el("div", { class: "bottom" }, this.problem, form);
  }

  // The chat on the screen, as a (shopper, seller) pair, or null.
  get shown() {
    return this.seller ? [this.shopper.id, "whatsapp", this.seller.id] : null;
  }

  open(seller) {
    this.#sheets.close();
    this.seller = seller;
    this.#drawn.clear();
    this.log.replaceChildren();
    this.problem.hidden = true;
    this.draw();
    this.toBottom();
    if (seller) this.input.focus({ preventScroll: true });
    else this.rows.querySelector("button")?.focus({ preventScroll: true });
    this.#onMove();
  }

  owns(frame) {
    return this.#sheets.owns(frame);
  }

  closeSheet() {
    this.#sheets.close();
  }

  draw() {
    this.listView.hidden = this.seller !== null;
    this.chatView.hidden = this.seller === null;
    if (this.seller) this.#drawChat();
    else this.#drawRows();
  }

  #drawRows() {
    const focused = document.activeElement?.dataset.testid;
    this.rows.replaceChildren(...this.#store.chatsOf(this.shopper.id).map((chat) => this.#row(chat)));
    if (focused?.startsWith("chat-row-")) this.rows.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(chat) {
    const seller = this.#store.sellers.find((one) => one.id === chat.seller);
    const last = lastMessage(chat);
    return el(
      "button", { class: "chat-row", type: "button", "data-testid": `chat-row-${seller.id}`, onclick: () => this.open(seller) },
      avatar(seller.name, seller.id),
      el("span", { class: "row-words" }, el("strong", {}, seller.name), el("span", {}, last ? preview(last) : seller.tagline)),
      el(
        "span", { class: "row-end" },
        last ? el("time", {}, clock(last.at)) : null,
        chat.unread ? el("span", { class: "badge", "data-testid": "unread", "aria-label": `${chat.unread} unread` }, chat.unread) : null,
      ),
    );
  }

  #drawChat() {
    const chat = this.#store.chat(this.shopper.id, this.seller.id);
    const isTyping = chat.typingUntil > Date.now();
    this.face.replaceChildren(avatar(this.seller.name, this.seller.id));
    this.title.textContent = this.seller.name;
    this.subtitle.textContent = isTyping ? "typing…" : this.seller.number;
    this.subtitle.classList.toggle("typing", isTyping);
    const wasAtBottom = this.#isAtBottom();
    const added = this.#drawMessages([...chat.messages.values()]);
    if (added.length && (wasAtBottom || added.some((message) => message.by_shopper))) this.toBottom();
  }

  #drawMessages(messages) {
    if (!messages.length) {
      this.#drawn.clear();
      this.log.replaceChildren(this.#welcome());
      return [];
    }
    if (!this.#drawn.size) this.log.replaceChildren();
    const added = [];
    for (const message of messages) {
      const version = JSON.stringify([message.status, message.error, message.picked]);
      const drawn = this.#drawn.get(message.id);
      if (drawn?.version === version) continue;
      const node = this.#bubble(message);
      if (drawn) {
        const hadFocus = drawn.node.contains(document.activeElement);
        drawn.node.replaceWith(node);
        if (hadFocus) node.querySelector("button, a")?.focus({ preventScroll: true });
      } else {
        this.#separate(message);
        this.log.append(node);
        added.push(message);
      }
      this.#drawn.set(message.id, { version, node, day: day(message.at) });
    }
    return added;
  }

  #separate(message) {
    const before = [...this.#drawn.values()].at(-1)?.day;
    if (before !== day(message.at)) this.log.append(el("p", { class: "day" }, el("span", {}, day(message.at))));
  }

  #bubble(message) {
    const chat = this.#store.chat(this.shopper.id, this.seller.id);
    return bubble(message, chat.messages.get(message.quoted), {
      tap: (from, choice) => this.#send({ type: "tap", message: from.id, id: choice.id }),
      list: (from) => this.#sheets.rows(from, (row) => this.#send({ type: "tap", message: from.id, id: row.id })),
      link: (url, event) => this.#follow(url, event),
      location: () => this.#sendPlace(),
    });
  }

  #welcome() {
    return el(
      "div", { class: "welcome" },
      avatar(this.seller.name, this.seller.id),
      el("strong", {}, this.seller.name),
      el("span", {}, this.seller.tagline),
      el("div", { class: "openers" }, this.seller.openers.map((words) =>
        el("button", { type: "button", class: "opener", "data-testid": "opener", onclick: () => this.#send({ type: "text", text: words }) }, words))),
    );
  }

  #follow(url, event) {
    // Only pages of this very origin can be shown inside the phone; others open in a tab, as the link says.
    const ours = onThisOrigin(url);
    if (!ours) return;
    event.preventDefault();
    this.#sheets.browser(ours);
  }

  #attach() {
    this.#sheets.attachments({
      photo: () => this.#sheets.photos(this.#store.photos, (photo) => this.#sendPhoto(photo)),
      location: () => this.#sendPlace(),
    });
  }

  #sendPlace() {
    this.#sheets.places(this.shopper.place, (place) => this.#send({ type: "location", ...place }));
  }

  #sendPhoto(photo) {
    const caption = this.input.value.trim();
    this.input.value = "";
    return this.#send({ type: "image", photo, caption });
  }

  #sendText() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#send({ type: "text", text }).then((sent) => {
      // What could not be sent goes back to where it was typed.
      if (!sent && !this.input.value) this.input.value = text;
    });
  }

  async #send(message) {
    try {
      await this.#store.send(this.shopper.id, this.seller.id, message);
      this.problem.hidden = true;
      return true;
    } catch (error) {
      this.problem.textContent = error instanceof TypeError ? "The stand-in is not running." : error.message;
      this.problem.hidden = false;
      return false;
    }
  }

  #isAtBottom() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_BOTTOM;
  }

  toBottom(behavior = "instant") {
    this.log.scrollTo({ top: this.log.scrollHeight, behavior });
  }
}
