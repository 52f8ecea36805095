// What is pressed before the page's scripts are there is not lost: it is kept, and pressed again when they are. A page
// shows its buttons before it has all its scripts, and a hurried cashier on an old PC is quicker than that.
(function () {
  "use strict";
  const kept = [], buttons = new Set();

  function keepClick(event) {
    const button = event.target.closest("button, [data-dialog]");
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (buttons.has(button)) return; // nothing seemed to happen, so it was pressed again
    buttons.add(button);
    kept.push(() => { if (button.isConnected) button.click(); });
  }
  // Only what the page's own keys may mean: what is typed into a field, or with Ctrl, is the browser's.
  function keepKey(event) {
    if (event.target !== document.body || event.ctrlKey || event.altKey || event.metaKey) return;
    event.stopImmediatePropagation();
    const { key, code, shiftKey, repeat } = event;
    kept.push(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, repeat, bubbles: true, cancelable: true })));
  }
  window.addEventListener("click", keepClick, true);
  window.addEventListener("keydown", keepKey, true);

  // All deferred scripts have run by then; htmx begins with the same event, but hears it after us: hence the turn.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
    window.removeEventListener("click", keepClick, true);
    window.removeEventListener("keydown", keepKey, true);
    kept.forEach((press) => press());
  }));
})();
