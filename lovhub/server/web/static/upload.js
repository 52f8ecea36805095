// Brings a backup to the server in pieces: a request is small, a backup is not.
(function () {
  "use strict";
  const PIECE = 192 * 1024;

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function send(form, file, progress) {
    const id = newId();
    for (let offset = 0; ; offset += PIECE) {
      const address = new URL(form.dataset.upload, location.href);
      address.searchParams.set("id", id);
      address.searchParams.set("offset", offset);
      address.searchParams.set("total", file.size);
      const response = await fetch(address, {
        method: "POST",
        headers: { "X-CSRFToken": form.elements.csrf_token.value, "Content-Type": "application/octet-stream" },
        body: file.slice(offset, offset + PIECE),
      });
      const answer = await response.json();
      if (response.status === 401) document.body.dispatchEvent(new Event("lovhub:begin_anew"));
      if (!response.ok) throw new Error(answer.error);
      progress.value = Math.min(100, ((offset + PIECE) / file.size) * 100);
      if (answer.name) return answer.address;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const progress = form.querySelector("progress");
    const error = form.querySelector("[data-upload-error]");
    const file = form.querySelector("input[type=file]").files[0];
    button.disabled = true;
    progress.hidden = false;
    error.classList.remove("d-block");
    send(form, file, progress).then(
      (address) => { location.href = address; },
      (problem) => {
        error.textContent = problem instanceof TypeError ? window.lovhubText("offline") : problem.message;
        error.classList.add("d-block");
        button.disabled = false;
        progress.hidden = true;
      });
  });
})();
