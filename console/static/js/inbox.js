// The inbox stays current by server-sent events, and is worked by keys. Without it, pages load and forms send.
"use strict";

const inbox = document.getElementById("inbox");
const rows = document.getElementById("rows");
const facts = inbox.dataset;
const thread = document.getElementById("thread");
const bubbles = document.getElementById("bubbles");
const title = document.title;
let lastWaiting = Number(facts.waiting);

const post = (path, values) => {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  const headers = { "X-CSRF-Token": token, "HX-Request": "true" };
  return fetch(path, { method: "POST", headers, body: new URLSearchParams(values || {}), keepalive: true });
};
const refresh = () => document.body.dispatchEvent(new CustomEvent("desk-refresh"));
const parse = (html) => {
  const place = document.createElement("template");
  place.innerHTML = html;
  if (window.htmx) htmx.process(place.content);
  return place.content;
};

// ---- The list ----
function belongs(row) {
  if (facts.search) return false;
  if (facts.channel && row.channel !== facts.channel) return false;
  if (facts.label && !row.labels.includes(facts.label)) return false;
  const view = facts.view;
  if (view === "resolved") return row.away && row.resolved;
  if (view === "snoozed") return row.away && !row.resolved;
  if (row.away) return false;
  if (view === "waiting") return row.handled === "waiting";
  if (view === "mine") return row.assignee === facts.me;
  if (view === "unassigned") return !row.assignee && row.handled !== "bot";
  return view !== "bot" || row.handled === "bot";
}

function before(a, b) {
  const [waitsA, waitsB] = [Number(a.dataset.since), Number(b.dataset.since)];
  if (waitsA || waitsB) return waitsA && (!waitsB || waitsA < waitsB);
  return Number(a.dataset.at) > Number(b.dataset.at);
}

function showRow(row) {
  const old = document.getElementById(`c-${row.id}`);
  const focused = old && old.contains(document.activeElement);
  if (!belongs(row) && !(old && facts.search)) {
    if (old) old.remove();
  } else {
    const fresh = parse(row.html).firstElementChild;
    if (row.id === facts.watching) fresh.querySelector("a").setAttribute("aria-current", "true");
    if (old) old.remove();
    const next = [...rows.querySelectorAll(".row-item:not(.more)")].find((one) => before(fresh, one));
    rows.insertBefore(fresh, next || rows.querySelector(".more"));
    if (focused) fresh.querySelector("a").focus();
  }
  document.getElementById("no-rows").hidden = rows.querySelector(".row-item") !== null;
  showWaiting(row.waiting, row);
}

function showWaiting(count, row) {
  for (const place of document.querySelectorAll("[data-waiting-count], #waiting-count")) {
    place.textContent = count;
    place.hidden = count === 0;
  }
  document.title = count ? `(${count}) ${title}` : title;
  if (count > lastWaiting && row) alertTo(row);
  lastWaiting = count;
}

// ---- Sound and notifications, when the seller asked for them ----
const alerts = document.getElementById("alerts");
const wantsAlerts = () => localStorage.getItem("desk-alerts") === "on";
const showAlerts = () => alerts.setAttribute("aria-pressed", String(wantsAlerts()));
alerts.hidden = false;
showAlerts();
alerts.addEventListener("click", async () => {
  localStorage.setItem("desk-alerts", wantsAlerts() ? "off" : "on");
  if (wantsAlerts() && "Notification" in window) await Notification.requestPermission();
  if (wantsAlerts()) ring();
  showAlerts();
});

function ring() {
  const audio = new AudioContext();
  for (const [at, pitch] of [[0, 660], [0.16, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.12, audio.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.3);
  }
}

function alertTo(row) {
  if (!wantsAlerts()) return;
  ring();
  if (!("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
  const said = new Notification(`${row.name} is waiting`, { tag: row.id });
  said.onclick = () => { window.focus(); location.href = `${facts.path}/${row.id}`; };
}

// ---- The thread ----
const atEnd = () => bubbles.scrollHeight - bubbles.scrollTop - bubbles.clientHeight < 120;
const toEnd = () => { bubbles.scrollTop = bubbles.scrollHeight; };

function showBubbles(html) {
  const stays = atEnd();
  for (const fresh of parse(html).querySelectorAll(".bubble")) {
    const old = document.getElementById(fresh.id);
    if (old && old.outerHTML === fresh.outerHTML) continue;
    if (old) { old.replaceWith(fresh); continue; }
    const next = [...bubbles.querySelectorAll(".bubble")].find((one) => one.dataset.order > fresh.dataset.order);
    bubbles.insertBefore(fresh, next || null);
  }
  if (stays) toEnd();
}

async function loadBubbles() {
  const answer = await fetch(`${thread.dataset.path}/messages`, { headers: { "HX-Request": "true" } });
  if (answer.ok) showBubbles(await answer.text());
}

let refreshing = 0;
function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(refresh, 150);
}

// What somebody is filling in beside the thread is not taken from under their fingers: a part that is drawn
// anew keeps what stands open, what was typed, and where the cursor is.
const KEPT = "#side, #state";
let kept = null;
const fieldsOf = (place) => [...place.querySelectorAll("form [name]:not([type=hidden])")];
const addressOf = (field) => `${field.form.getAttribute("action")} ${field.name} ${field.type === "radio" ? field.value : ""}`;
const isTyped = (field) => {
  if (field.tagName === "SELECT") return ![...field.options].every((one) => one.selected === one.defaultSelected) && field.selectedIndex > 0;
  return field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
};

document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.target;
  if (!place.matches(KEPT)) return;
  // A form that is under way stays: what its answer changes is drawn after it.
  if (place.querySelector("form[hx-post].htmx-request")) {
    event.detail.shouldSwap = false;
    return;
  }
  const here = document.activeElement;
  const typed = fieldsOf(place).filter((one) => isTyped(one) && (one === here || !one.closest(".quantity")));
  kept = {
    open: [...place.querySelectorAll("details[id][open]")].map((one) => one.id),
    values: new Map(typed.map((one) => [addressOf(one), one.type === "checkbox" ? one.checked : one.value])),
    focus: place.contains(here) && here.form && here.name ? addressOf(here) : null,
    at: here && here.selectionStart,
    query: place.querySelector("#q") ? place.querySelector("#q").value : "",
    found: place.querySelector("#products") ? [...place.querySelector("#products").childNodes] : [],
  };
});

document.addEventListener("htmx:afterSwap", (event) => {
  // What was found among the products is drawn inside such a part, and is no reason to put the old back.
  if (!kept || !event.detail.target.matches(KEPT)) return;
  const place = document.getElementById(event.detail.target.id);
  for (const id of kept.open) if (document.getElementById(id)) document.getElementById(id).open = true;
  for (const field of fieldsOf(place)) {
    const value = kept.values.get(addressOf(field));
    if (value !== undefined) field[field.type === "checkbox" ? "checked" : "value"] = value;
    if (addressOf(field) !== kept.focus) continue;
    field.focus();
    if (typeof kept.at === "number") try { field.setSelectionRange(kept.at, kept.at); } catch { /* A number has no cursor. */ }
  }
  const products = place.querySelector("#products");
  if (products && kept.query) products.replaceChildren(...kept.found);
  kept = null;
});

// What was refused may have been done in part: an order placed whose pay link could not be had.
document.addEventListener("htmx:responseError", () => refreshSoon());

// What comes in before somebody's eyes is read; what came while the page was hidden, once it is shown.
let seeing = 0;
function seeSoon() {
  clearTimeout(seeing);
  const row = document.getElementById(`c-${facts.watching}`);
  const isUnread = row && row.querySelector(".unread");
  seeing = setTimeout(() => {
    if (!document.hidden && isUnread) post(`${thread.dataset.path}/here`, { doing: "seen" });
  }, 400);
}
document.addEventListener("visibilitychange", () => { if (thread && !document.hidden) seeSoon(); });

// ---- Who else is there ----
const others = new Map();
function showOthers() {
  const now = Date.now();
  for (const [user, one] of others) if (one.until < now) others.delete(user);
  const said = [...others.values()].map((one) => `${one.name} ${one.typing ? "is writing…" : "is here too"}`);
  document.getElementById("presence").textContent = said.join(" · ");
}

function meet(event) {
  const known = others.has(event.user);
  if (event.doing === "gone") others.delete(event.user);
  else others.set(event.user, { name: event.name, typing: event.doing === "typing", until: Date.now() + (event.doing === "typing" ? 8000 : 45000) });
  // A newcomer can't know of who was here before.
  if (!known && event.doing !== "gone") post(`${thread.dataset.path}/here`, { doing: "here" });
  showOthers();
}

// ---- The stream ----
function listen() {
  const source = new EventSource(facts.events);
  const live = document.getElementById("live");
  const state = (on) => { live.dataset.state = on ? "on" : "off"; live.textContent = on ? "live" : "not live"; };
  source.addEventListener("ready", () => state(true));
  source.addEventListener("error", () => state(false));
  source.addEventListener("row", (event) => showRow(JSON.parse(event.data)));
  source.addEventListener("thread", (event) => {
    showBubbles(JSON.parse(event.data).html);
    refreshSoon();
    seeSoon();
  });
  source.addEventListener("presence", (event) => meet(JSON.parse(event.data)));
  source.addEventListener("again", () => { if (thread) { loadBubbles(); refreshSoon(); } });
  window.addEventListener("pagehide", () => source.close());
}

// ---- Writing ----
let lastTyped = 0;
function typed(box) {
  const mode = box.form.querySelector("[name=mode]:checked");
  const state = document.getElementById("state").dataset;
  const now = Date.now();
  if (now - lastTyped > 4000) {
    lastTyped = now;
    post(`${thread.dataset.path}/here`, { doing: "typing" });
  }
  // The assistant is quiet from the first letter of a reply on.
  if (mode && mode.value === "reply" && state.handled !== "seller") {
    state.handled = "seller";
    post(`${thread.dataset.path}/take-over`).then(refresh);
  }
}

document.addEventListener("input", (event) => { if (event.target.id === "text") typed(event.target); });
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "composer") document.getElementById("text").focus();
});

// ---- Keys ----
const links = () => [...rows.querySelectorAll(".row-link")];
function step(by) {
  const all = links();
  const here = all.findIndex((one) => one === document.activeElement || (!all.includes(document.activeElement) && one.hasAttribute("aria-current")));
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (next) next.focus();
}
const press = (key) => { const button = document.querySelector(`[data-key="${key}"]`); if (button) button.click(); };
const choose = (mode) => {
  const radio = document.querySelector(`[name=mode][value=${mode}]`);
  if (radio) { radio.checked = true; document.getElementById("text").focus(); }
};
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.getElementById("search").focus(),
  r: () => choose("reply"),
  n: () => choose("note"),
  t: () => press("t"),
  h: () => press("h"),
  e: () => press("e"),
  u: () => { location.href = facts.path; },
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  if (typing && event.key === "Escape") event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

showWaiting(lastWaiting, null);
listen();
// Whoever has a page open is at the desk.
setInterval(() => fetch(`${facts.path}/waiting`, { headers: { "HX-Request": "true" } }), 240000);
if (thread) {
  toEnd();
  post(`${thread.dataset.path}/here`, { doing: "here" });
  setInterval(() => post(`${thread.dataset.path}/here`, { doing: "here" }), 30000);
  setInterval(showOthers, 5000);
  window.addEventListener("pagehide", () => post(`${thread.dataset.path}/here`, { doing: "gone" }));
}
