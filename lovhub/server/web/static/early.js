// What is pressed before the page's scripts are there is not lost: it is kept, and pressed again when they are. A page
// shows its buttons before it has all its scripts, and a hurried cashier on an old PC is quicker than that. The way to a
// file (`data-file`) waits as well: Chromium takes it for leaving the page, and never loads the scripts that are missing.
(function () {
  "use strict";
  const LONGEST_MS = 5000; // whatever holds the scripts up: from then on the page is as it is
  const kept = [], pressed = new Set();

  function keepClick(event) {
    const target = event.target.closest("button, [data-dialog], [data-file]");
    if (!target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pressed.has(target)) return; // nothing seemed to happen, so it was pressed again
    pressed.add(target);
    kept.push(() => { if (target.isConnected) target.click(); });
  }
  // Only what the page's own keys may mean: what is typed into a field, or with Ctrl, is the browser's.
  function keepKey(event) {
    if (event.target !== document.body || event.ctrlKey || event.altKey || event.metaKey) return;
    event.stopImmediatePropagation();
    const { key, code, shiftKey, repeat } = event;
    kept.push(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, repeat, bubbles: true, cancelable: true })));
  }
  function goOn() {
    window.removeEventListener("click", keepClick, true);
    window.removeEventListener("keydown", keepKey, true);
    kept.splice(0).forEach((press) => press());
  }
  window.addEventListener("click", keepClick, true);
  window.addEventListener("keydown", keepKey, true);
  // All deferred scripts have run by then; htmx begins with the same event, but hears it after us: hence the turn.
  document.addEventListener("DOMContentLoaded", () => setTimeout(goOn));
  setTimeout(goOn, LONGEST_MS);
})();
