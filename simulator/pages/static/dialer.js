// Dialling a seller's code: the screens that come back one at a time, and what is typed into them.

import { el, icon } from "./dom.js";
import { formatted } from "./format.js";
import { call } from "./store.js";

const LONGEST = 182;
const LOST = "Connection problem or invalid MMI code.";

export class Dialer {
  #shopper;
  #leave;
  #browse;
  #seller = null;
  #session = null;
  #isBusy = false;

  // `leave()` goes back to the list of codes; `browse(url)` opens a page inside the phone.
  constructor(shopper, leave, browse) {
    this.#shopper = shopper;
    this.#leave = leave;
    this.#browse = browse;
    this.#build();
  }

  #build() {
    this.title = el("strong", {});
    this.code = el("span", { class: "subtitle", "data-testid": "ussd-code" });
    const back = el("button", { class: "round", type: "button", "aria-label": "All codes", "data-testid": "ussd-back", onclick: () => this.#leave() }, icon("back"));
    this.screen = el("div", { class: "ussd-screen", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "Screen", "data-testid": "ussd-screen" });
    this.note = el("p", { class: "ussd-note", "data-testid": "ussd-note" });
    this.input = el("input", { class: "ussd-input", "aria-label": "Answer", "data-testid": "ussd-input", autocomplete: "off", maxlength: "160" });
    this.cancel = el("button", { class: "ussd-act", type: "button", "data-testid": "ussd-cancel", onclick: () => this.#drop() }, "Cancel");
    this.send = el("button", { class: "ussd-act main", type: "submit", "data-testid": "ussd-send" }, "Send");
    this.form = el("form", { class: "ussd-form", onsubmit: (event) => { event.preventDefault(); this.#go(); } }, this.input, el("div", { class: "ussd-acts" }, this.cancel, this.send));
    this.node = el("div", { class: "view ussd-view" }, el("header", { class: "top" }, back, el("div", { class: "titles" }, this.title, this.code)), this.screen, this.note, this.form);
  }

  // Shows the seller's code, with the session that may still be open.
  async show(seller) {
    if (this.#seller?.id === seller.id) return;
    this.#seller = seller;
    this.#session = null;
    this.title.textContent = seller.name;
    this.code.textContent = this.#dialled;
    this.#draw();
    try {
      const found = await call("GET", `/phones/${this.#shopper.id}/ussd/${seller.id}`);
      if (found.session) this.#take(found);
    } catch (error) {
      this.#fail(error);
    }
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  press(key) {
    if (!this.#seller) return;
    if (key === "ok") this.#go();
    else if (key === "clear") this.input.value = this.input.value.slice(0, -1);
    else this.input.value += key;
  }

  get #dialled() {
    return this.#seller.lines.ussd_africastalking;
  }

  get #isOpen() {
    return Boolean(this.#session?.is_open);
  }

  async #go() {
    if (this.#isBusy) return;
    const text = this.input.value.trim();
    if (this.#isOpen && !text) return;
    const [path, body] = this.#isOpen ? ["type", { text }] : ["dial", {}];
    this.#isBusy = true;
    this.#draw("Running…");
    try {
      this.#take(await call("POST", `/phones/${this.#shopper.id}/ussd/${path}`, { seller: this.#seller.id, ...body }));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isBusy = false;
      this.#draw();
    }
  }

  async #drop() {
    if (!this.#isOpen) return this.#leave();
    await call("POST", `/phones/${this.#shopper.id}/ussd/drop`, { seller: this.#seller.id }).catch(() => {});
    this.#session = null;
    return this.#draw();
  }

  #take(session) {
    this.#session = session;
    this.input.value = "";
    this.#draw();
  }

  #fail(error) {
    this.#session = { screen: error instanceof TypeError ? "The stand-in is not running." : LOST, is_open: false };
    this.#draw();
  }

  #draw(waiting = "") {
    const words = waiting || this.#session?.screen || "";
    this.screen.replaceChildren(...(words ? formatted(words, false) : [el("span", { class: "hint" }, `Dial ${this.#dialled}`)]));
    const trouble = waiting ? null : this.#session?.trouble;
    this.note.textContent = trouble ?? (words && !waiting ? `${words.length}/${LONGEST}` : "");
    this.note.classList.toggle("bad", Boolean(trouble));
    for (const link of this.screen.querySelectorAll("a")) {
      link.addEventListener("click", (event) => { event.preventDefault(); this.#browse(link.href); });
    }
    this.node.dataset.state = this.#isOpen ? "open" : "closed";
    this.input.hidden = !this.#isOpen;
    this.send.textContent = this.#isOpen ? "Send" : this.#session ? "Dial again" : "Dial";
    this.cancel.textContent = this.#isOpen ? "Cancel" : "Back";
    this.send.disabled = this.#isBusy;
    if (this.#isOpen && !this.#isBusy && this.node.contains(document.activeElement)) this.focus();
  }
}
