// The panel of faults: what shall go wrong next, what is on order, and how the last webhooks fared.

import { CHANNELS } from "./apps.js";
import { el, icon } from "./dom.js";
import { clock } from "./format.js";
import { call } from "./store.js";

const EVERY = 2000;
const SHOWN = 14;
const PRESETS = [
  ["Double webhooks", { kind: "duplicate", copies: 1 }],
  ["Swap webhooks", { kind: "reorder", seconds: 5 }],
  ["Delay webhooks", { kind: "delay", seconds: 3 }],
  ["Lose a webhook", { kind: "drop" }],
  ["Lose our 200", { kind: "drop", accepted: true }],
  ["Lose receipts", { kind: "drop", of: "receipts" }],
  ["429", { kind: "http", status: 429, retry_after: 2 }],
  ["500", { kind: "http", status: 500 }],
  ["Provider's error", { kind: "error" }],
  ["Hang", { kind: "hang", seconds: 15 }],
  ["Break the answer", { kind: "reset" }],
  ["Answer lost, taken", { kind: "reset", accepted: true }],
  ["Fail later", { kind: "fail" }],
];
const MODES = [["generous", "Generous rates"], ["exact", "The providers' own rates"], ["off", "No rates"]];

export class FaultPanel {
  #store;
  #panel;
  #button;
  #timer = null;

  // `panel` is an empty dialog, `button` opens and closes it.
  constructor(store, panel, button) {
    this.#store = store;
    this.#panel = panel;
    this.#button = button;
    this.#build();
    button.addEventListener("click", () => (panel.open ? panel.close() : this.#open()));
    panel.addEventListener("close", () => this.#closed());
  }

  #build() {
    this.channel = this.#select("Channel", "fault-channel", [["", "Every channel"], ...Object.entries(CHANNELS)]);
    this.shopper = this.#select("Shopper", "fault-shopper", [["", "Everybody"], ...this.#store.shoppers.map(({ id, name }) => [id, name])]);
    this.times = this.#select("How often", "fault-times", [["1", "Once"], ["3", "3 times"], ["10", "10 times"], ["", "Until dropped"]]);
    this.chance = this.#select("Chance", "fault-chance", [["1", "Always"], ["0.5", "Every second"], ["0.2", "Every fifth"]]);
    this.mode = this.#select("Rates", "fault-rates", MODES);
    this.mode.field.addEventListener("change", () => this.#try(() => call("PUT", "/control/limits", { mode: this.mode.field.value })));
    this.orders = el("ul", { class: "orders", "data-testid": "fault-orders" });
    this.posts = el("ul", { class: "posts", "data-testid": "fault-posts" });
    this.trouble = el("p", { class: "trouble", role: "alert", hidden: true });
    const presets = PRESETS.map(([name, order]) => el("button", { class: "preset", type: "button", "data-testid": `fault-${order.kind}`, onclick: () => this.#order(order) }, name));
    this.#panel.replaceChildren(
      el("header", {}, el("h2", {}, "Faults"), el("button", { class: "round", type: "button", "aria-label": "Close", "data-testid": "faults-close", onclick: () => this.#panel.close() }, icon("close"))),
      el("div", { class: "faults-body" },
        el("div", { class: "knobs" }, this.channel.node, this.shopper.node, this.times.node, this.chance.node),
        el("div", { class: "presets" }, presets),
        this.trouble,
        el("h3", {}, "On order", el("button", { class: "link", type: "button", "data-testid": "faults-clear", onclick: () => this.#drop("/control/faults") }, "Drop all")),
        this.orders,
        this.mode.node,
        el("h3", {}, "Last webhooks"),
        this.posts),
    );
  }

  #select(label, testid, options) {
    const field = el("select", { "data-testid": testid }, options.map(([value, name]) => el("option", { value }, name)));
    return { field, node: el("label", { class: "knob" }, el("span", {}, label), field) };
  }

  #open() {
    this.#panel.show();
    this.#button.setAttribute("aria-expanded", "true");
    this.#panel.querySelector("button").focus();
    this.#refresh();
    this.#timer = setInterval(() => this.#refresh(), EVERY);
  }

  #closed() {
    clearInterval(this.#timer);
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.focus();
  }

  #order(order) {
    const chosen = {
      channel: this.channel.field.value || null, shopper: this.shopper.field.value || null,
      times: Number(this.times.field.value) || null, probability: Number(this.chance.field.value),
    };
    return this.#try(() => call("POST", "/control/faults", { ...order, ...chosen }));
  }

  #drop(path) {
    return this.#try(() => call("DELETE", path));
  }

  async #try(act) {
    try {
      await act();
      await this.#refresh();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #refresh() {
    try {
      const [faults, limits, ledger] = await Promise.all([call("GET", "/control/faults"), call("GET", "/control/limits"), call("GET", `/control/ledger?newest=${SHOWN}`)]);
      this.trouble.hidden = true;
      this.mode.field.value = limits.mode;
      this.#button.classList.toggle("active", faults.items.length > 0);
      this.orders.replaceChildren(...(faults.items.length ? faults.items.map((order) => this.#line(order)) : [el("li", { class: "none" }, "Nothing: all goes well.")]));
      this.posts.replaceChildren(...ledger.webhooks.reverse().map((post) => this.#post(post)));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    this.trouble.textContent = error instanceof TypeError ? "The stand-in is not running." : error.message;
    this.trouble.hidden = false;
  }

  #line(order) {
    const about = [order.channel && CHANNELS[order.channel], order.shopper && this.#store.shoppers.find(({ id }) => id === order.shopper)?.name, order.of];
    const left = order.times === null ? "until dropped" : `${order.times - order.struck} left`;
    const name = PRESETS.find(([, preset]) => preset.kind === order.kind && Boolean(preset.accepted) === order.accepted && (preset.status ?? order.status) === order.status)?.[0] ?? order.kind;
    return el(
      "li", { "data-testid": "fault-order" },
      el("span", {}, el("strong", {}, name), el("small", {}, [...about.filter(Boolean), left, `struck ${order.struck}×`].join(" · "))),
      el("button", { class: "round", type: "button", "aria-label": `Drop ${name}`, onclick: () => this.#drop(`/control/faults/${order.id}`) }, icon("close")),
    );
  }

  #post(post) {
    const last = post.tries.at(-1);
    const answer = last ? last.status ?? last.error : "under way";
    return el(
      "li", { class: post.is_accepted ? "" : "bad" },
      el("time", {}, clock(post.at)),
      el("span", {}, CHANNELS[post.channel] ?? "Gateway", el("small", {}, [post.kind, post.status].filter(Boolean).join(" "))),
      el("b", {}, answer, post.times > 1 ? el("small", {}, ` ×${post.times}`) : null),
    );
  }
}
