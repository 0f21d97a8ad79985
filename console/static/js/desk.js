// What every page of the desk does beside links and forms. Everything here is an extra: pages work without.
"use strict";

// A form is sent once, however often its button is pressed; the server would notice, but a person is told.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

// A confirmation without a dialog of the page's own: data-confirm on a form or link.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    delete event.target.dataset.sent;
  }
}, true);

// htmx meets no network: the page says so and stays.
document.addEventListener("htmx:sendError", () => {
  const place = document.getElementById("notices");
  if (!place) return;
  const said = document.createElement("p");
  said.className = "problem";
  said.textContent = "No connection just now. Nothing was changed; try again in a moment.";
  place.replaceChildren(said);
});
