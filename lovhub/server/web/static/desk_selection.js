// Several PCs at once: Ctrl, Shift, a box in the row, `x`; and the bar with what can be done with them. Works on
// whatever shows PCs in #hall with data-computer-id, as a row or as a tile.
(function () {
  "use strict";
  const text = window.lovhubText, keys = window.lovhubKeys;
  const MOST_NAMES = 6;
  const hall = document.getElementById("hall");
  const bar = document.getElementById("selection");
  const selected = new Set();
  let anchor = null; // where a stretch chosen with Shift begins

  function all() { return [...hall.querySelectorAll("[data-computer-id]")]; }
  function shown() { return all().filter((seat) => seat.offsetParent !== null); }
  function idOf(seat) { return seat.dataset.computerId; }
  function nameOf(seat) { return seat.dataset.name || ""; }
  function seatOf(element) { return element.closest ? element.closest("#hall [data-computer-id]") : null; }

  function draw() {
    const present = new Map(all().map((seat) => [idOf(seat), seat]));
    [...selected].filter((id) => !present.has(id)).forEach((id) => selected.delete(id));
    all().forEach((seat) => {
      seat.classList.toggle("picked", selected.has(idOf(seat)));
      const box = seat.querySelector("[data-pick]");
      if (box) {
        box.checked = selected.has(idOf(seat));
        box.setAttribute("aria-label", text("select_pc", { name: nameOf(seat) }));
      }
    });
    const names = [...selected].map((id) => nameOf(present.get(id)));
    bar.hidden = names.length === 0;
    // What undoes is offered where there is something to undo.
    const conditions = new Set([...selected].map((id) => present.get(id).dataset.condition));
    bar.querySelectorAll("[data-for-condition]").forEach((button) => { button.hidden = !conditions.has(button.dataset.forCondition); });
    bar.querySelector("[data-selected-count]").textContent = text("selected", { count: names.length });
    bar.querySelector("[data-selected-names]").textContent = names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? "…" : "");
  }
  function toggle(seat) {
    const id = idOf(seat);
    if (!selected.delete(id)) selected.add(id);
    anchor = id;
    draw();
  }
  function stretchTo(seat) {
    const seats = shown(), from = seats.findIndex((other) => idOf(other) === anchor), to = seats.indexOf(seat);
    if (from < 0) { toggle(seat); return; }
    seats.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => selected.add(idOf(other)));
    draw();
  }
  function selectAll() { shown().forEach((seat) => selected.add(idOf(seat))); draw(); }
  function selectNone() { selected.clear(); anchor = null; draw(); }

  // A row gets a box to tick; a tile is clicked as a whole.
  function addBoxes() {
    hall.querySelectorAll("tr[data-computer-id]").forEach((line) => {
      if (line.querySelector("[data-pick]")) return;
      const box = document.createElement("input");
      box.type = "checkbox";
      box.className = "form-check-input pick";
      box.dataset.pick = "";
      line.firstElementChild.prepend(box);
    });
  }

  hall.addEventListener("click", (event) => {
    const seat = seatOf(event.target);
    if (!seat) return;
    if (event.target.matches("[data-pick]")) {
      event.stopPropagation();
      if (event.shiftKey) { event.preventDefault(); setTimeout(() => stretchTo(seat)); } else toggle(seat);
    } else if (event.ctrlKey || event.metaKey || event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      if (event.shiftKey) stretchTo(seat); else toggle(seat);
    }
  }, true);
  // Shift chooses PCs here, not words.
  hall.addEventListener("mousedown", (event) => { if (event.shiftKey && seatOf(event.target)) event.preventDefault(); });
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.select === "all") selectAll();
    if (button.dataset.select === "none") selectNone();
    const query = "?" + new URLSearchParams([...selected].map((id) => ["pc", id]));
    if (button.dataset.withSelected) window.lovhubDialog(button.dataset.withSelected + query);
    if (button.dataset.postSelected) window.lovhubPost(button.dataset.postSelected + query);
  });
  document.addEventListener("keydown", (event) => {
    if (keys.isTyping(event) || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && !event.defaultPrevented && selected.size && !document.querySelector(".row-menu[open], [data-menu][open]")) selectNone();
  });
  keys.add({ keys: ["Ctrl+A"], text: "key_select_all", does: selectAll });
  keys.add({ keys: ["X"], text: "key_select", does() { const seat = seatOf(document.activeElement); if (seat) toggle(seat); } });
  keys.add({ keys: ["Esc"], text: "key_select_none", when: () => selected.size > 0 });
  // What is sold is sold: the same PCs are not sold once more by a stray press.
  document.body.addEventListener("htmx:load", (event) => { if (event.detail.elt.matches("[data-clears-selection]") || event.detail.elt.querySelector("[data-clears-selection]")) selectNone(); });
  new MutationObserver(() => { addBoxes(); draw(); }).observe(hall, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-name", "data-computer-id", "data-condition"] });
  addBoxes();
  draw();

  window.lovhubSelection = { toggle, shown, all, nameOf };
})();
