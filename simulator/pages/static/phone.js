// One phone: its apps with their lists of chats, the open chat, and what slides over them.

import { APPS, appOf, countParts, idsOf } from "./apps.js";
import { bubble, preview } from "./bubbles.js";
import { avatar, el, icon, slug } from "./dom.js";
import { Dialer } from "./dialer.js";
import { clock, day } from "./format.js";
import { keypad } from "./keypad.js";
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
  #dialer;

  // `open` is { app, channel, seller }: the chat to show, or with seller null the list of the app's chats.
  constructor(store, shopper, open, onMove) {
    this.#store = store;
    this.#onMove = onMove;
    this.shopper = shopper;
    this.app = APPS.find(({ id }) => id === open.app) ?? APPS[0];
    this.channel = open.channel ?? idsOf(this.app)[0];
    this.seller = store.sellers.find((one) => one.id === open.seller && this.channel in one.lines) ?? null;
    this.#build();
    this.draw();
  }

  #build() {
    this.rows = el("div", { class: "chat-rows", "data-testid": "chat-list" });
    this.heading = el("h2", {});
    this.dock = el("nav", { class: "dock", "aria-label": "Apps" });
    this.listView = el(
      "div", { class: "view list-view" },
      el("header", { class: "top" }, this.heading, el("span", { class: "owner" }, this.shopper.name)),
      this.rows, this.dock,
    );
    this.chatView = el("div", { class: "view chat-view" }, this.#buildTop(), this.#buildLog(), this.#buildComposer());
    this.#dialer = new Dialer(this.shopper, () => this.open(null), (url) => this.#sheets.browser(url));
    this.screen = el("div", { class: "screen" }, this.#buildStatusBar(), this.listView, this.chatView, this.#dialer.node);
    this.node = el(
      "section",
      { class: "phone", id: `phone-${slug(this.shopper.name)}`, "data-testid": `phone-${slug(this.shopper.name)}`, "aria-label": `${this.shopper.name}'s phone` },
      this.screen, keypad((key) => this.#press(key)),
    );
    this.#sheets = new Sheets(this.screen, [this.listView, this.chatView, this.#dialer.node]);
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
    this.log.addEventListener("click", (event) => {
      const link = event.target.closest(".words a");
      if (link) this.#follow(link.href, event);
    });
    return el("div", { class: "log-frame" }, this.log, this.jump);
  }

  #buildComposer() {
    this.input = el("textarea", { rows: "1", "aria-label": "Message", "data-testid": "composer-text", dir: "auto" });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#sendText();
    });
    this.input.addEventListener("input", () => this.#count());
    this.counter = el("span", { class: "counter", "data-testid": "counter" });
    this.problem = el("p", { class: "trouble", role: "alert", hidden: true });
    this.attach = el("button", { class: "round", type: "button", "aria-label": "Share a photo or a location", "aria-haspopup": "dialog", "data-testid": "attach", onclick: () => this.#attach() }, icon("attach"));
    const send = el("button", { class: "round send", type: "submit", "aria-label": "Send", "data-testid": "send" }, icon("send"));
    const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.#sendText(); } }, this.attach, this.input, this.counter, send);
    return el("div", { class: "bottom" }, this.problem, form);
  }

  // The chat on the screen, as (shopper, channel, seller), or null.
  get shown() {
    return this.seller && this.app.id !== "ussd" ? [this.shopper.id, this.channel, this.seller.id] : null;
  }

  // What is open, to be remembered.
  get place() {
    return { app: this.app.id, channel: this.channel, seller: this.seller?.id ?? null };
  }

  open(seller, channel = this.channel) {
    this.#sheets.close();
    this.seller = seller;
    this.channel = channel;
    this.#drawn.clear();
    this.log.replaceChildren();
    this.problem.hidden = true;
    this.draw();
    this.toBottom();
    if (!seller) this.rows.querySelector("button")?.focus({ preventScroll: true });
    else if (this.app.id === "ussd") this.#dialer.focus();
    else this.input.focus({ preventScroll: true });
    this.#onMove();
  }

  choose(app) {
    this.app = app;
    this.open(null, idsOf(app)[0]);
    this.dock.querySelector("[aria-current]")?.focus({ preventScroll: true });
  }

  owns(frame) {
    return this.#sheets.owns(frame);
  }

  closeSheet() {
    this.#sheets.close();
  }

  draw() {
    const isDialing = this.seller !== null && this.app.id === "ussd";
    this.node.dataset.app = this.app.id;
    this.node.classList.toggle("plain", Boolean(this.app.isPlain));
    this.listView.hidden = this.seller !== null;
    this.chatView.hidden = this.seller === null || isDialing;
    this.#dialer.node.hidden = !isDialing;
    if (isDialing) this.#dialer.show(this.seller);
    else if (this.seller) this.#drawChat();
    else this.#drawRows();
  }

  #drawRows() {
    const focused = document.activeElement?.dataset.testid;
    this.heading.textContent = this.app.title;
    this.rows.replaceChildren(...this.app.channels.flatMap(({ id, note }) => [
      note ? el("h3", { class: "road" }, note) : null,
      ...this.#store.chatsOf(this.shopper.id, id).map((chat) => this.#row(chat)),
    ]).filter(Boolean));
    this.dock.replaceChildren(...APPS.map((app) => this.#appButton(app)));
    if (focused && this.node.contains(document.activeElement) === false) this.node.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  }

  #appButton(app) {
    const unread = this.#store.unreadOf(this.shopper.id, idsOf(app));
    return el(
      "button",
      { class: "app", type: "button", "data-testid": `app-${app.id}`, "aria-current": app === this.app ? "page" : undefined, onclick: () => this.choose(app) },
      icon(app.icon), el("span", {}, app.name),
      unread ? el("span", { class: "badge", "aria-label": `${unread} unread` }, unread) : null,
    );
  }

  #row(chat) {
    const seller = this.#store.sellers.find((one) => one.id === chat.seller);
    const last = lastMessage(chat);
    const testid = chat.channel === "whatsapp" ? `chat-row-${seller.id}` : `chat-row-${chat.channel}-${seller.id}`;
    return el(
      "button", { class: "chat-row", type: "button", "data-testid": testid, onclick: () => this.open(seller, chat.channel) },
      avatar(seller.name, seller.id),
      el("span", { class: "row-words" }, el("strong", {}, seller.name), el("span", {}, last ? preview(last) : this.#about(seller, chat.channel))),
      el(
        "span", { class: "row-end" },
        last ? el("time", {}, clock(last.at)) : null,
        chat.unread ? el("span", { class: "badge", "data-testid": "unread", "aria-label": `${chat.unread} unread` }, chat.unread) : null,
      ),
    );
  }

  #about(seller, channel) {
    return channel === "whatsapp" ? seller.tagline : seller.lines[channel];
  }

  #drawChat() {
    const chat = this.#store.chat(this.shopper.id, this.channel, this.seller.id);
    const isTyping = chat.typingUntil > Date.now();
    this.face.replaceChildren(avatar(this.seller.name, this.seller.id));
    this.title.textContent = this.seller.name;
    this.subtitle.textContent = isTyping ? "typing…" : this.seller.lines[this.channel];
    this.subtitle.classList.toggle("typing", isTyping);
    this.attach.hidden = !this.app.shares.length;
    this.input.placeholder = this.app.placeholder;
    this.input.maxLength = this.app.longest;
    this.#count();
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
      const version = JSON.stringify([message.status, message.error, message.picked, message.text]);
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
    const chat = this.#store.chat(this.shopper.id, this.channel, this.seller.id);
    return bubble(message, chat.messages.get(message.quoted), {
      tap: (from, choice) => this.#send({ type: "tap", message: from.id, id: choice.id }),
      list: (from) => this.#sheets.rows(from, (row) => this.#send({ type: "tap", message: from.id, id: row.id })),
      link: (url, event) => this.#follow(url, event),
      location: () => this.#sendPlace(),
      phone: () => this.#send({ type: "share_phone" }),
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

  #press(key) {
    if (this.app.id === "ussd") this.#dialer.press(key);
    else if (this.seller && key === "ok") this.#sendText();
    else if (this.seller && key === "clear") this.input.value = this.input.value.slice(0, -1);
    else if (this.seller) this.input.value += key;
    this.#count();
  }

  #count() {
    this.counter.hidden = this.app.id !== "sms";
    const { parts, left } = countParts(this.input.value);
    this.counter.textContent = `${left}/${parts}`;
  }

  #attach() {
    const words = () => this.input.value.trim() || "How much is this?";
    this.#sheets.attachments(this.app.shares, {
      photo: () => this.#sheets.photos(this.#store.photos, (photo) => this.#sendPhoto(photo)),
      location: () => this.#sendPlace(),
      story: () => this.#send({ type: "story_reply", text: words() }).then(() => { this.input.value = ""; }),
      mention: () => this.#send({ type: "story_mention" }),
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
    this.#count();
    this.#send({ type: "text", text }).then((sent) => {
      // What could not be sent goes back to where it was typed.
      if (!sent && !this.input.value) this.input.value = text;
    });
  }

  async #send(message) {
    try {
      await this.#store.send(this.shopper.id, this.channel, this.seller.id, message);
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
