// Tells how a restore goes on, across the server's own restart.
(function () {
  "use strict";
  const card = document.querySelector("[data-restoring]");
  const text = card.querySelector("[role=status]");
  const show = (name) => { card.querySelector("[data-" + name + "]").hidden = false; };

  async function look() {
    let answer = null;
    try {
      answer = await (await fetch(card.dataset.restoring, { cache: "no-store" })).json();
    } catch {
      text.textContent = window.lovhubText("restarting");  // it is away for a moment, and comes back
    }
    if (answer) {
      text.textContent = answer.text;
      if (answer.state !== "working" && answer.state !== "restarting") {
        card.querySelector("[data-while-working]").hidden = true;
        show(answer.state === "done" ? "when-done" : "when-failed");
        return;
      }
    }
    setTimeout(look, 1000);
  }
  look();
})();
