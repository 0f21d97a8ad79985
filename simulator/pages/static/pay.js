// Inside a phone the page is framed: going back closes the frame instead of leaving through it.
if (window.parent !== window) {
  for (const link of document.querySelectorAll("[data-back]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      window.parent.postMessage({ kind: "close-browser" }, window.location.origin);
    });
  }
}

// One tap is one decision, also on a slow network.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}
