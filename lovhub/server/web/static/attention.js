// What needs a person, on every page: calls from players, alarms, sessions about to end. Items are changed in
// place, so that the focus and a half-done click survive every message.
(function () {
  "use strict";
  const make = window.lovhubMake, write = window.lovhubWrite, secondsSince = window.lovhubSecondsSince;
  const text = window.lovhubText, sound = window.lovhubSound;
  const KNOWN = "lovhub-attention-known", OPEN = "lovhub-attention-open";
  const WIDE = window.matchMedia("(min-width: 1600px)");
  const PICTURES = { call: "bell-ringing", alarm: "alert-triangle", ending: "clock-stop" };
  const CLICK_MS = 50; // a finger's click comes a moment after its release
  const COUNTED = /^\(\d+\) /;

  window.lovhubAttention = function (panel) {
    const opener = document.getElementById("attention-open");
    const list = document.getElementById("attention-items");
    const may = new Set(panel.dataset.may.split(" "));
    const items = new Map(); // by key: { item, element, takenAt }
    let known = stored(KNOWN);
    let pressed = false, releasing = null, held = null; // what comes while a pointer is pressed on an item is held

    function stored(name) { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } }
    function store(name, value) { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* for this page only */ } }
    function icon(name) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", panel.dataset.icons + "#" + name);
      svg.append(use);
      return svg;
    }

    // --- what there is ---------------------------------------------------------------------------

    function read(message) {
      const found = [];
      for (const call of message.calls) {
        found.push({ kind: "call", key: "call-" + call.call_id, news: "call-" + call.call_id + "-" + call.count, id: call.call_id,
          title: call.computer_name, what: text("call_" + call.reason) + (call.count > 1 ? " ×" + call.count : ""),
          note: [call.who, call.text].filter(Boolean).join(": "), ago: call.seconds_ago, by: call.taken_by, pc: call.computer_id });
      }
      for (const alarm of message.alarms) {
        found.push({ kind: "alarm", key: "alarm-" + alarm.alarm_id, id: alarm.alarm_id, ...alarmWords(alarm), note: "",
          ago: alarm.seconds_ago, by: alarm.taken_by, pc: alarm.computer_id, customer: alarm.data.customer_id });
      }
      for (const ending of may.has("run_sessions") ? message.endings : []) {
        found.push({ kind: "ending", key: "ending-" + ending.session_id, id: ending.session_id, title: ending.computer_name,
          what: text(ending.waits ? "night_waits" : ending.night_stop ? "night_" + ending.night_stop : "time_ends"), night: ending.night_stop || ending.waits,
          waits: ending.waits, note: ending.who || text("guest"), left: ending.seconds_left, by: "", pc: ending.computer_id });
      }
      const rank = { call: 0, alarm: 1, ending: 2 };
      return found.sort((one, other) => Number(Boolean(one.by)) - Number(Boolean(other.by)) || rank[one.kind] - rank[other.kind]);
    }

    function alarmWords(alarm) {
      const changes = (alarm.data.changes || []).map(({ part, was, now }) => "; " + text("part_" + part) + ": " + was + " → " + now);
      const words = text("alarm_" + alarm.kind) + changes.join("");
      return { title: alarm.computer_name, what: alarm.data.seconds > 0 ? text("alarm_seconds", { text: words, seconds: alarm.data.seconds }) : words };
    }

    // --- one item --------------------------------------------------------------------------------

    function button(name, words, className, values) {
      const made = make("button", "btn btn-sm " + className, words);
      made.type = "button";
      made.dataset.test = name;
      Object.assign(made.dataset, values);
      return made;
    }
    function buttons(item) {
      const at = panel.dataset.root + "/" + item.kind + "s/" + item.id;
      if (item.kind === "ending") {
        return [
          item.night && may.has("confirm_ages") ? button("let-stay", text("let_stay"), "btn-primary", { dialog: "/admin/sessions/" + item.id + "/let-stay" }) : null,
          may.has("sell") && !item.night ? button("extend", text("extend"), "btn-primary", { dialog: "/admin/computers/" + item.pc + "/counter" }) : null,
          item.waits ? null : button("dismiss", text("dismiss"), "", { post: at + "/dismiss" })];
      }
      if (!may.has(item.kind === "call" ? "answer_calls" : "handle_alarms")) return [];
      if (item.customer && may.has("sell")) {
        const pay = make("a", "btn btn-sm btn-primary", text("take_debt"));
        pay.href = "/admin/customers/" + item.customer;
        pay.dataset.test = "take-debt";
        return [pay];
      }
      const close = item.kind === "alarm" ? { dialog: at + "/close" } : { post: at + "/close" };
      return [
        item.by ? null : button("take", text(item.kind === "call" ? "take_call" : "take_alarm"), "btn-primary", { post: at + "/take" }),
        button("close", text(item.kind === "call" ? "close_call" : "close_alarm"), "", close)];
    }
    function newElement(item) {
      const element = make("article", "attention-item", icon(PICTURES[item.kind]),
        make("div", "flex-fill", make("div", "attention-what", make("a", "js-title"), " ", make("span", "js-what")),
          make("div", "note js-note"), make("div", "note js-when"), make("div", "attention-buttons")));
      element.dataset.kind = item.kind;
      element.dataset.test = "attention-" + item.kind;
      element.dataset.key = item.key;
      return element;
    }
    function draw({ item, element }) {
      const at = (name) => element.querySelector(".js-" + name), box = element.querySelector(".attention-buttons");
      element.classList.toggle("taken", Boolean(item.by));
      write(at("title"), item.title);
      if (item.pc && item.title) at("title").href = "/admin/computers/" + item.pc;
      write(at("what"), item.what);
      write(at("note"), item.note);
      const drawn = [item.by, item.night, item.waits].join();
      if (box.dataset.drawn === drawn) return;
      const focused = box.contains(document.activeElement);
      box.dataset.drawn = drawn;
      box.replaceChildren(...buttons(item).filter(Boolean));
      if (focused && box.lastChild) box.lastChild.focus();
    }
    function drawTime({ item, element, takenAt }) {
      const passed = secondsSince(takenAt), when = element.querySelector(".js-when");
      if (item.kind === "ending") return item.waits ? write(when, "") : write(when, text("left", { time: window.lovhubClock(Math.max(0, item.left - passed)) }));
      const minutes = Math.floor((item.ago + passed) / 60);
      const ago = minutes ? text("minutes_ago", { minutes }) : text("just_now");
      return write(when, item.by ? ago + ", " + text("taken_by", { name: item.by }) : ago);
    }

    // --- all of them -----------------------------------------------------------------------------

    function take(message) {
      const found = read(message);
      held = { found, takenAt: window.lovhubMoment() };
      tellNews(found);
      if (!pressed) drawAll();
    }
    function drawAll() {
      const { found, takenAt } = held, gone = new Set(items.keys());
      held = null;
      for (const item of found) {
        gone.delete(item.key);
        const seen = items.get(item.key) || { element: newElement(item) };
        Object.assign(seen, { item, takenAt });
        items.set(item.key, seen);
        draw(seen);
        drawTime(seen);
      }
      for (const key of gone) { items.get(key).element.remove(); items.delete(key); }
      let place = list.firstChild;
      for (const item of found) {
        const element = items.get(item.key).element;
        if (element === place) place = place.nextSibling;
        else list.insertBefore(element, place);
      }
      document.getElementById("attention-none").classList.toggle("d-none", found.length > 0);
      drawCount();
    }
    function press(event) {
      if (event.button !== 0) return;
      clearTimeout(releasing);
      releasing = null;
      pressed = true;
    }
    function release() {
      if (!pressed || releasing !== null) return;
      releasing = setTimeout(() => { pressed = false; releasing = null; if (held) drawAll(); }, CLICK_MS);
    }
    function tellNews(found) {
      const keys = found.map((item) => item.news || item.key);
      const fresh = known === null ? [] : found.filter((item, index) => !known.includes(keys[index]) && !item.by);
      known = keys;
      store(KNOWN, known);
      if (!fresh.length) return;
      sound.tell(fresh[0].kind);
      document.getElementById("attention-told").textContent = fresh.map((item) => item.title + " " + item.what).join(". ");
      opener.classList.remove("news");
      void opener.offsetWidth; // begins the animation anew
      opener.classList.add("news");
    }
    function waiting() { return [...items.values()].filter(({ item }) => !item.by).length; }
    function drawCount() {
      const count = waiting();
      write(document.getElementById("attention-count"), String(count));
      opener.classList.toggle("calm", count === 0);
      opener.setAttribute("aria-label", text("attention_count", { count }));
      const title = document.title.replace(COUNTED, "");
      const counted = count ? "(" + count + ") " + title : title;
      if (document.title !== counted) document.title = counted;
    }

    // --- the panel itself ------------------------------------------------------------------------

    function show(open, remember) {
      panel.hidden = !open;
      opener.setAttribute("aria-expanded", String(open));
      if (remember) store(OPEN, open);
    }
    function toggle() {
      show(panel.hidden, true);
      if (panel.hidden) opener.focus();
      else (list.querySelector("button") || panel.querySelector("button")).focus();
    }
    function drawSound() {
      const on = sound.settings.on, mute = document.getElementById("attention-sound");
      mute.replaceChildren(icon(on ? "volume" : "volume-off"));
      mute.setAttribute("aria-pressed", String(on));
      document.getElementById("attention-volume").value = sound.settings.volume;
      document.getElementById("attention-volume").disabled = !on;
      document.querySelectorAll("[data-sound-blocked]").forEach((hint) => hint.classList.toggle("d-none", !sound.blocked()));
    }
    list.addEventListener("pointerdown", press);
    ["pointerup", "pointercancel", "dragend", "blur"].forEach((name) => window.addEventListener(name, release));
    // Where a menu or another window has swallowed the release.
    window.addEventListener("pointermove", (event) => { if (!event.buttons) release(); });
    opener.addEventListener("click", toggle);
    document.getElementById("attention-close").addEventListener("click", toggle);
    document.getElementById("attention-sound").addEventListener("click", () => sound.change({ on: !sound.settings.on }));
    document.getElementById("attention-volume").addEventListener("change", (event) => {
      sound.change({ volume: Number(event.target.value) });
      sound.play("call");
    });
    document.addEventListener("lovhub:sound", drawSound);
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-attention-open]") && panel.hidden) toggle();
    });
    window.lovhubKeys.add({ keys: ["!"], text: "key_attention", does: toggle });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden && panel.contains(event.target)) toggle();
    });

    const wasOpen = stored(OPEN);
    show(wasOpen === null ? "wide" in panel.dataset && WIDE.matches : wasOpen && window.innerWidth >= 1200, false);
    drawSound();
    return {
      take,
      // A second has passed.
      tick() { items.forEach(drawTime); drawCount(); },
      showFresh(isFresh) { panel.classList.toggle("stale", !isFresh); opener.classList.toggle("stale", !isFresh); },
    };
  };
})();
