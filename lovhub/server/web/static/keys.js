// The keys of a page: one register, one way to read a key whatever the layout, and `?`, which lists what is valid here.
(function () {
  "use strict";
  const text = window.lovhubText;
  const help = document.getElementById("keys-help");
  const registered = [];

  // A key by its sign, else by its place on the keyboard: `/` is «.» in Russian and «№» in Kazakh, where even the digits
  // are letters. "" for what is none of ours to read.
  const PLACES = { Slash: ["/", "?"], Digit1: ["1", "!"] };
  function sign(event) {
    if ("/?!".includes(event.key) || /^\d$/.test(event.key)) return event.key;
    if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase();
    const place = PLACES[event.code];
    if (place) return place[event.shiftKey ? 1 : 0];
    const letter = /^Key([A-Z])$/.exec(event.code), digit = /^Digit(\d)$/.exec(event.code);
    if (letter) return letter[1];
    return digit && !event.shiftKey ? digit[1] : event.key;
  }
  function pressed(event) {
    if (event.altKey || event.isComposing || !event.key) return "";
    return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + sign(event);
  }
  // A dialog that has just been closed keeps the focus for a moment; nobody types there.
  function isTyping(event) {
    const field = event.target.closest("input:not([data-pick]), textarea, select, [contenteditable]");
    return field !== null && field.closest("dialog:not([open])") === null;
  }

  // `text`: its name in script_texts. `when`: whether it means anything on this page as it is; always, if not given.
  // `does`: what it does when pressed outside of fields and dialogs (`anywhere`: there, too); without it the script that
  // registers it listens by itself.
  function add(key) { registered.push(key); }
  function isValid(key) { return !key.when || key.when(); }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const name = pressed(event), busy = isTyping(event) || document.querySelector("dialog[open]") !== null;
    const key = registered.find((one) => one.does && one.keys[0] === name && isValid(one) && (one.anywhere || !busy));
    if (!key) return;
    event.preventDefault();
    key.does();
  });

  function showHelp() {
    const list = document.getElementById("keys-list");
    list.replaceChildren();
    registered.filter(isValid).forEach((key) => {
      const names = document.createElement("dt"), meaning = document.createElement("dd");
      names.dataset.keyText = key.text;
      key.keys.forEach((name) => {
        const one = document.createElement("kbd");
        one.textContent = name;
        names.append(one);
      });
      meaning.textContent = text(key.text);
      list.append(names, meaning);
    });
    help.showModal();
  }
  document.getElementById("keys-close").addEventListener("click", () => help.close());
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-keys-help]");
    if (!opener) return;
    opener.closest("[data-menu]").open = false;
    showHelp();
  });

  function field() { return document.querySelector("[data-search]"); }
  add({ keys: ["/"], text: "key_field", when: () => field() !== null, does() { field().focus(); field().select(); } });
  add({ keys: ["?"], text: "key_help", does: showHelp });

  window.lovhubKeys = { add, pressed, isTyping };
})();
