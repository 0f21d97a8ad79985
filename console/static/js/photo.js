// A phone's photo is made smaller before it travels, and shown. Without this the whole photo is sent.
"use strict";

const LONGEST = 1600;
const SMALL_ENOUGH = 400000;

async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
}

document.addEventListener("change", async (event) => {
  const field = event.target;
  if (!field.matches("input[data-shrink]") || !field.files.length) return;
  const file = field.files[0];
  const preview = document.querySelector(".photo-preview");
  preview.src = URL.createObjectURL(file);
  preview.hidden = false;
  if (file.size <= SMALL_ENOUGH) return;
  try {
    const blob = await smaller(file);
    if (!blob || blob.size >= file.size || field.files[0] !== file) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    field.files = chosen.files;
  } catch {
    // The browser can't read it: the server says whether it can.
  }
});
