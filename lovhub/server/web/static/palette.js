// The search over everything: a customer, a PC, a game, a page; by keys alone.
(function () {
  "use strict";
  const text = window.lovhubText, make = window.lovhubMake, keys = window.lovhubKeys;
  const PAUSE_MS = 150;
  const palette = document.getElementById("palette");
  const field = document.getElementById("palette-q");
  const list = document.getElementById("palette-list");
  const said = document.getElementById("palette-said");
  let asking = null, timer = null, shownFor = null, goesOn = false;

  function options() { return [...list.querySelectorAll("[role=option]")]; }
  function chosen() { return list.querySelector("[aria-selected=true]"); }
  function choose(option) {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    if (!option) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function icon(name) {
    const SVG = "http://www.w3.org/2000/svg", svg = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", palette.dataset.icons + "#" + name);
    svg.append(use);
    return svg;
  }
  function draw(groups) {
    let number = 0;
    list.replaceChildren(...groups.map((group) => {
      const heading = make("div", "palette-kind", group.name), box = make("div", "", heading);
      heading.id = "palette-" + group.kind;
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", heading.id);
      group.items.forEach((item) => {
        const option = make("div", "palette-item", icon(item.icon), make("b", "", item.title), make("small", "", item.note));
        option.id = "palette-option-" + number++;
        option.setAttribute("role", "option");
        Object.assign(option.dataset, { kind: group.kind, href: item.href, opens: item.dialog });
        box.append(option);
      });
      return box;
    }));
    field.setAttribute("aria-expanded", String(number > 0));
    said.textContent = number ? "" : text("nothing_found");
    choose(options()[0] || null);
  }

  async function ask() {
    clearTimeout(timer);
    if (asking) asking.abort();
    const mine = asking = new AbortController(), words = field.value.trim();
    try {
      const answer = await fetch(palette.dataset.searchAt + "?" + new URLSearchParams({ q: words }), { signal: mine.signal, cache: "no-store", redirect: "error" });
      if (answer.status === 401) { location.reload(); return; } // signed out: the sign-in page, and then back here
      const later = answer.status === 503 && answer.headers.get("Retry-After");
      if (later && !mine.signal.aborted) {
        draw([]);
        shownFor = null;
        goesOn = false;
        said.textContent = text("overloaded", { seconds: later });
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      const { groups } = await answer.json();
      if (mine.signal.aborted) return;
      shownFor = words;
      draw(groups);
      if (goesOn) go();
    } catch {
      if (mine.signal.aborted) return;
      shownFor = null;
      draw([]);
      said.textContent = text("offline");
    }
    goesOn = false;
  }

  function open() {
    if (palette.open) return;
    field.value = "";
    draw([]);
    said.textContent = "";
    palette.showModal(); // the focus goes to the field, and comes back to where it was
    field.focus();
    ask();
  }
  // Where it leads is opened from the page: neither this dialog nor one under it stays in between.
  function go() {
    const option = chosen();
    if (!option) return;
    const { href, opens } = option.dataset;
    palette.close();
    if (opens) window.lovhubDialog(opens);
    else location.assign(href);
  }

  field.addEventListener("input", () => {
    goesOn = false;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  palette.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const all = options();
      event.preventDefault();
      if (all.length) choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    } else if (event.key === "Enter" && event.target === field && !event.isComposing && !event.repeat) {
      event.preventDefault();
      if (shownFor === field.value.trim()) { go(); return; }
      goesOn = true; // typed quicker than found: what is found first is opened then
      ask();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { choose(option); go(); }
  });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); }); // beside it
  palette.addEventListener("close", () => {
    if (palette.open) return; // told late: opened again meanwhile, and asking anew
    clearTimeout(timer);
    if (asking) asking.abort();
    goesOn = false;
  });
  document.getElementById("palette-close").addEventListener("click", () => palette.close());
  document.getElementById("palette-open").addEventListener("click", open);

  // A page with a field of its own: the first `/` goes there, the next one, while it is empty, comes here.
  function ownField() { return document.querySelector("[data-search]"); }
  keys.add({ keys: ["/"], text: "key_palette", when: () => ownField() === null, does: open });
  keys.add({ keys: ["/", "/"], text: "key_palette", when: () => ownField() !== null });
  keys.add({ keys: ["Ctrl+K"], text: "key_palette", anywhere: true, does: open });
  document.addEventListener("keydown", (event) => {
    if (event.target !== ownField() || event.target.value || keys.pressed(event) !== "/") return;
    event.preventDefault();
    open();
  });
})();
