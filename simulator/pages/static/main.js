// The page: as many phones side by side as fit, tabs for the others.

import { el, slug } from "./dom.js";
import { FaultPanel } from "./faults.js";
import { Phone } from "./phone.js";
import { Store } from "./store.js";

const WIDTHS = [[1120, 3], [740, 2], [0, 1]];
const MEMORY = "phones";
const CONNECTION = { connecting: "Connecting…", live: "Live", lost: "Connection lost, trying again…" };

const store = new Store();
const phones = [];
let active = 0;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) ?? {};
  } catch {
    return {};
  }
}

function remember() {
  const open = Object.fromEntries(phones.map((phone) => [phone.shopper.id, phone.place]));
  try {
    localStorage.setItem(MEMORY, JSON.stringify({ active, open }));
  } catch {
    // Without storage the page starts afresh next time.
  }
}

function isShown(place) {
  const capacity = Math.min(WIDTHS.find(([width]) => innerWidth >= width)[1], phones.length);
  return (place - active + phones.length) % phones.length < capacity;
}

function arrange() {
  const tabs = document.getElementById("tabs");
  const areAllShown = phones.every((_, place) => isShown(place));
  tabs.hidden = areAllShown;
  phones.forEach((phone, place) => {
    const wasHidden = phone.node.hidden;
    phone.node.hidden = !isShown(place);
    // What is hidden loses its place in the chat.
    if (wasHidden && !phone.node.hidden) phone.toBottom();
    phone.node.style.order = areAllShown ? place : (place - active + phones.length) % phones.length;
  });
  drawTabs();
  tellScreen();
}

function drawTabs() {
  const focused = document.activeElement?.dataset.testid;
  document.getElementById("tabs").replaceChildren(...phones.map((phone, place) => {
    const unread = store.unreadOf(phone.shopper.id);
    return el(
      "button",
      {
        class: "tab", type: "button", role: "tab", "aria-selected": String(isShown(place)), "aria-controls": phone.node.id,
        "data-testid": `tab-${slug(phone.shopper.name)}`, onclick: () => select(place),
        onkeydown: (event) => step(event, place),
      },
      phone.shopper.name,
      unread ? el("span", { class: "badge", "aria-label": `${unread} unread` }, unread) : null,
    );
  }));
  if (focused?.startsWith("tab-")) document.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  const all = store.shoppers.reduce((sum, shopper) => sum + store.unreadOf(shopper.id), 0);
  document.title = `${all ? `(${all}) ` : ""}Phones · Conversational Commerce`;
}

function select(place) {
  active = place;
  arrange();
  remember();
}

function step(event, place) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = (place + by + phones.length) % phones.length;
  select(next);
  document.querySelectorAll(".tab")[next].focus();
}

function tellScreen() {
  const isVisible = document.visibilityState === "visible";
  const chats = phones.filter((phone, place) => isVisible && isShown(place) && phone.shown).map((phone) => phone.shown);
  store.show(chats);
}

function drawConnection() {
  const node = document.getElementById("connection");
  node.dataset.state = store.connection;
  node.firstElementChild.textContent = CONNECTION[store.connection];
}

function firstChats() {
  const { sellers } = store;
  const chat = (seller) => ({ app: "whatsapp", channel: "whatsapp", seller: seller?.id ?? null });
  return [chat(sellers[0]), chat(null), chat(sellers[1] ?? sellers[0])];
}

function build() {
  const memory = remembered();
  const first = firstChats();
  active = memory.active in store.shoppers ? memory.active : 0;
  store.shoppers.forEach((shopper, place) => {
    const open = memory.open?.[shopper.id] ?? first[place] ?? {};
    phones.push(new Phone(store, shopper, open, () => { tellScreen(); drawTabs(); remember(); }));
  });
  document.getElementById("phones").replaceChildren(...phones.map((phone) => phone.node));
  new FaultPanel(store, document.getElementById("faults"), document.getElementById("faults-button"));
  arrange();
  for (const phone of phones) phone.toBottom();
}

function listen() {
  store.addEventListener("chat", ({ detail }) => {
    for (const phone of phones) if (phone.shopper.id === detail.shopper) phone.draw();
    drawTabs();
  });
  store.addEventListener("change", () => { phones.forEach((phone) => phone.draw()); drawTabs(); });
  store.addEventListener("connection", drawConnection);
  store.addEventListener("reconnected", tellScreen);
  window.addEventListener("resize", arrange);
  document.addEventListener("visibilitychange", tellScreen);
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.data?.kind !== "close-browser") return;
    phones.find((phone) => phone.owns(event.source))?.closeSheet();
  });
}

await store.start();
build();
listen();
drawConnection();
