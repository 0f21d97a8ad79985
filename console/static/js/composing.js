// Extras of the box a seller writes in: "/" brings up canned replies, and a photo can be taken out again.
"use strict";

(() => {
const box = () => document.getElementById("text");
const suggested = () => document.getElementById("suggested");
const cannedReplies = () => [...document.querySelectorAll("[data-canned]")];

function write(words) {
  const here = box();
  here.value = words;
  closeSuggested();
  here.focus();
  here.dispatchEvent(new Event("input", { bubbles: true }));
}

function closeSuggested() {
  if (!suggested()) return;
  suggested().hidden = true;
  box().removeAttribute("aria-activedescendant");
}

function chosen() {
  return suggested() && !suggested().hidden ? suggested().querySelector("[aria-selected=true]") : null;
}

function choose(option) {
  for (const one of suggested().children) one.setAttribute("aria-selected", String(one === option));
  box().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function suggest() {
  const said = /^\/(\S*)$/.exec(box().value);
  const fits = said ? cannedReplies().filter((one) => one.dataset.name.toLowerCase().includes(said[1].toLowerCase())) : [];
  const options = fits.slice(0, 8).map((one, place) => {
    const option = document.createElement("li");
    option.id = `suggested-${place}`;
    option.role = "option";
    option.dataset.words = one.dataset.canned;
    const name = document.createElement("strong");
    name.textContent = `/${one.dataset.name}`;
    const words = document.createElement("small");
    words.textContent = one.dataset.canned.slice(0, 90);
    option.append(name, words);
    return option;
  });
  suggested().replaceChildren(...options);
  suggested().hidden = !options.length;
  if (options.length) choose(options[0]);
  else box().removeAttribute("aria-activedescendant");
}

document.addEventListener("input", (event) => { if (event.target.id === "text" && suggested()) suggest(); });
document.addEventListener("click", (event) => {
  const option = event.target.closest("#suggested li");
  const canned = event.target.closest("[data-canned]");
  if (option) write(option.dataset.words);
  else if (canned) {
    canned.closest("details").open = false;
    write(canned.dataset.canned);
  } else if (event.target.id === "detach") {
    box().form.querySelector("[name=photo]").value = "";
    document.getElementById("attached").hidden = true;
    box().focus();
  } else if (suggested()) closeSuggested();
});
document.addEventListener("keydown", (event) => {
  const option = event.target.id === "text" ? chosen() : null;
  if (!option) return;
  const steps = { ArrowDown: option.nextElementSibling, ArrowUp: option.previousElementSibling };
  if (event.key in steps) {
    event.preventDefault();
    if (steps[event.key]) choose(steps[event.key]);
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
    event.preventDefault();
    event.stopImmediatePropagation();
    write(option.dataset.words);
  } else if (event.key === "Escape") {
    event.stopImmediatePropagation();
    closeSuggested();
  }
}, true);
document.addEventListener("change", (event) => {
  if (event.target.name === "photo" && event.target.form.id === "write") {
    document.getElementById("attached").hidden = !event.target.files.length;
  }
});

// ---- Reactions ----
const EMOJI = { "👍": "Thumbs up", "❤️": "Heart", "🙏": "Thank you", "😂": "Laughing", "": "Take it back" };

function closeReacting() {
  const open = document.querySelector(".reacting");
  if (open) open.remove();
}

function openReacting(button) {
  closeReacting();
  const place = document.createElement("div");
  place.className = "reacting";
  place.role = "group";
  place.ariaLabel = "Reactions";
  for (const [emoji, name] of Object.entries(EMOJI)) {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = emoji || "✕";
    one.ariaLabel = name;
    one.addEventListener("click", async () => {
      closeReacting();
      const answer = await post(`${thread.dataset.path}/messages/${button.dataset.react}/reaction`, { emoji });
      if (answer.ok) loadBubbles();
      else document.getElementById("notices").innerHTML = await answer.text();
    });
    place.append(one);
  }
  button.closest(".bubble").append(place);
  place.firstElementChild.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-react]");
  if (button) openReacting(button);
  else if (!event.target.closest(".reacting")) closeReacting();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeReacting(); });
})();
