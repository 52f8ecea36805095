// `17` Enter opens PC 17, `17` x selects it: digits typed anywhere on «Компьютеры», while no field has the focus.
(function () {
  "use strict";
  const text = window.lovhubText, keys = window.lovhubKeys;
  const LONGEST = 4;
  const badge = document.getElementById("typed-number");
  let typed = "";

  // The number the club gave it, or the last one in the name: «Зал 2, ПК-17» is 17.
  function numberOf(seat) {
    const found = (seat.dataset.number || window.lovhubSelection.nameOf(seat)).match(/\d+/g);
    return found ? Number(found[found.length - 1]) : null;
  }
  function matching() {
    const seats = new Map();
    window.lovhubSelection.all().forEach((seat) => {
      if (numberOf(seat) === Number(typed)) seats.set(seat.dataset.computerId, seat);
    });
    return [...seats.values()];
  }
  function show(words, ...rest) {
    badge.replaceChildren(...(words ? [words] : []), ...rest);
    badge.hidden = !words;
  }
  function draw() {
    if (!typed) { show(""); return; }
    const seats = matching(), number = document.createElement("b");
    number.textContent = typed;
    if (seats.length === 0) { show(number, " " + text("no_such_pc")); return; }
    if (seats.length === 1) { show(number, " " + text("number_opens", { name: window.lovhubSelection.nameOf(seats[0]) })); return; }
    const choices = seats.map((seat) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm ms-1";
      button.textContent = window.lovhubSelection.nameOf(seat);
      button.addEventListener("click", () => open(seat));
      return button;
    });
    show(number, " " + text("number_which"), ...choices);
  }
  function clear() { typed = ""; draw(); }
  function open(seat) {
    clear();
    window.lovhubDialog("/admin/computers/" + seat.dataset.computerId + "/counter");
  }
  function enter() {
    const seats = matching();
    if (seats.length === 1) open(seats[0]);
    else if (seats.length) badge.querySelector("button").focus();
  }

  document.addEventListener("keydown", (event) => {
    const key = keys.pressed(event);
    if (keys.isTyping(event) || document.querySelector("dialog[open]")) return;
    if (/^\d$/.test(key)) {
      typed = (typed + key).slice(-LONGEST);
      draw();
      return;
    }
    if (!typed) return;
    if (badge.contains(event.target) && key === "Enter") return; // a button of ours is pressed
    const does = { Enter: enter, Escape: clear, Backspace: () => { typed = typed.slice(0, -1); draw(); } }[key];
    if (does) { event.preventDefault(); event.stopImmediatePropagation(); does(); }
    if (key === "X") {
      const seats = matching();
      event.preventDefault();
      event.stopImmediatePropagation();
      if (seats.length === 1) { clear(); window.lovhubSelection.toggle(seats[0]); }
    }
  }, true);
  keys.add({ keys: ["17", "Enter"], text: "key_open_pc" });
  keys.add({ keys: ["17", "X"], text: "key_select_pc" });
  document.addEventListener("focusin", (event) => { if (event.target.closest("input:not([data-pick]), textarea, select")) clear(); });
})();
