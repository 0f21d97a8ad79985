// A feature phone that dials: a code and a keypad, the network's screen, Send and Cancel. It stands alone:
// `new FeaturePhone(shopper, sellers).node` may be put anywhere. A seller needs a code among its lines.

import { el, slug } from "./dom.js";

const CHANNEL = "ussd_africastalking";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LONGEST = 182;
const WAITING = "USSD code running…";
const UNREACHABLE = "Connection problem or invalid MMI code.";

export class FeaturePhone {
  #shopper;
  #sellers;
  #dialled = null;
  #isBusy = false;
  #display = el("p", { class: "ussd-text", role: "status", "aria-live": "polite", "data-testid": "ussd-screen" });
  #note = el("p", { class: "ussd-note", "data-testid": "ussd-note" });
  #input = el("input", {
    class: "ussd-input", type: "text", maxlength: 160, autocomplete: "off", enterkeyhint: "send",
    "data-testid": "ussd-input", onkeydown: (event) => event.key === "Enter" && this.send(),
  });
  #send = el("button", { class: "ussd-send", type: "button", "data-testid": "ussd-send", onclick: () => this.send() });
  #cancel = el(
    "button", { class: "ussd-cancel", type: "button", "data-testid": "ussd-cancel", onclick: () => this.cancel() }, "Cancel",
  );

  constructor(shopper, sellers) {
    this.#shopper = shopper;
    this.#sellers = sellers.filter((seller) => seller.lines?.[CHANNEL]);
    const keys = KEYS.map((key) => el("button", { class: "ussd-key", type: "button", onclick: () => this.press(key) }, key));
    const codes = this.#sellers.map((seller) => el(
      "button",
      {
        class: "ussd-code", type: "button", "data-testid": `ussd-code-${slug(seller.name)}`,
        onclick: () => { this.#input.value = seller.lines[CHANNEL]; this.send(); },
      },
      el("strong", {}, seller.lines[CHANNEL]), el("span", {}, seller.name),
    ));
    this.node = el(
      "section",
      { class: "feature-phone", "aria-label": `${shopper.name}'s feature phone`, "data-testid": `feature-phone-${slug(shopper.name)}` },
      el("header", { class: "ussd-owner" }, el("span", {}, shopper.name), el("small", {}, shopper.number ?? `+${shopper.id}`)),
      el("div", { class: "ussd-screen" }, this.#display, this.#note, this.#input),
      el("div", { class: "ussd-actions" }, this.#send, this.#cancel),
      el("div", { class: "ussd-keys", role: "group", "aria-label": "Keypad" }, keys),
      el("div", { class: "ussd-codes" }, codes),
    );
    this.#idle("Dial a shop's code.");
  }

  press(key) {
    if (this.#isBusy || this.#input.hidden) return;
    this.#input.value += key;
    this.#input.focus();
  }

  async send() {
    const text = this.#input.value.trim();
    if (this.#isBusy) return;
    if (this.#dialled) await this.#step("type", { seller: this.#dialled, text });
    else if (text) await this.#dial(text);
  }

  async cancel() {
    if (this.#dialled && !this.#isBusy) await this.#post("drop", { seller: this.#dialled });
    this.#idle("Dial a shop's code.");
  }

  async #dial(text) {
    const seller = this.#sellers.find((one) => text.replace(/#$/, "").startsWith(one.lines[CHANNEL].replace(/#$/, "")));
    if (!seller) return this.#idle(UNREACHABLE);
    const code = seller.lines[CHANNEL].replace(/#$/, "");
    const more = text.replace(/#$/, "").slice(code.length).replace(/^\*/, "");
    this.#dialled = seller.id;
    return this.#step("dial", { seller: seller.id, more });
  }

  async #step(verb, body) {
    this.#busy(true);
    const answer = await this.#post(verb, body);
    this.#busy(false);
    if (!answer) return this.#idle(UNREACHABLE);
    const { screen, trouble, is_open: isOpen } = answer;
    if (!isOpen) return this.#idle(screen, trouble);
    this.#show(screen, trouble);
    this.#input.value = "";
    this.#input.focus();
    return undefined;
  }

  async #post(verb, body) {
    try {
      const answer = await fetch(`/phones/${this.#shopper.id}/ussd/${verb}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      if (!answer.ok) return null;
      return answer.status === 204 ? {} : await answer.json();
    } catch {
      return null;
    }
  }

  #show(text, trouble) {
    this.#display.textContent = text;
    this.#note.textContent = trouble ? `The network: ${trouble}` : `${[...text].length} of ${LONGEST}`;
    this.#note.dataset.state = trouble ? "bad" : "";
    this.#send.textContent = this.#dialled ? "Send" : "Call";
    this.#input.setAttribute("aria-label", this.#dialled ? "Your answer" : "Code to dial");
  }

  #idle(text, trouble = null) {
    this.#dialled = null;
    this.#input.value = "";
    this.#show(text, trouble);
    if (!trouble) this.#note.textContent = "";
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.node.setAttribute("aria-busy", String(isBusy));
    for (const button of [this.#send, this.#cancel]) button.disabled = isBusy;
    if (isBusy) this.#display.textContent = WAITING;
  }
}
