// Copies the value of the field that a button names with data-copy. Without a clipboard the button stays hidden.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard || !field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    } catch {
      field.select();
      said.textContent = "Press Ctrl-C to copy";
    }
  });
}
