// Shows a chosen picture and makes a large one small before it is sent: a photograph weighs more than a form may.
(function () {
  "use strict";
  const MOST_BYTES = 150 * 1024;

  function fitted(bitmap, side, canvas) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-shrink]") || !input.files.length) return;
    const preview = input.form.querySelector("[data-preview]"), file = input.files[0];
    preview.hidden = true;
    let bitmap;
    try { bitmap = await createImageBitmap(file); } catch { return; } // the server says what is wrong with it
    fitted(bitmap, Number(input.dataset.shrink), preview).hidden = false;
    if (file.size <= MOST_BYTES) return;
    const small = await new Promise((done) => preview.toBlob(done, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([small], "picture.png", { type: "image/png" }));
    input.files = files.files;
  });
})();
