// The hall, live: pushed over /live, polled when push is cut off, and never a stale number that looks live.
(function () {
  "use strict";
  const root = document.getElementById("live");
  const icons = root.dataset.icons;
  const POLL_MS = 5000;
  const SILENT_MS = 40000; // the server sends a whole picture every 30 s
  let rows = new Map(), counts = {}, pairings = [];
  let heardAt = Date.now(), takenAt = Date.now(), socket = null, retry = 1000, poller = null;

  const text = window.lovhubText;
  const PICTURES = { off: "power", active: "circle-check", used: "clock-play" };

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", icons + "#" + name);
    svg.append(use);
    return svg;
  }
  function clock(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    return Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
  }
  function hour(date) { return date.toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" }); }

  function matches(row) {
    const wanted = root.dataset.status;
    const search = document.getElementById("hall-search").value.trim().toLowerCase().replaceAll("ё", "е");
    const fits = !wanted || (wanted === "on" && row.status !== "off") || wanted === row.status || (wanted === "problem" && row.problem);
    const words = (row.name + " " + row.hostname + " " + (row.session ? row.session.who : "")).toLowerCase().replaceAll("ё", "е");
    return fits && (!search || words.includes(search));
  }

  // Seconds pass between two messages: what is shown is counted on from the moment it was taken.
  function age() { return Math.floor((Date.now() - takenAt) / 1000); }
  function left(row) {
    const session = row.session;
    return session.state === "active" ? Math.max(0, session.seconds_left - (row.age0 + age())) : session.seconds_left;
  }
  function note(row) {
    const session = row.session, silent = row.silent_seconds + row.age0 + age();
    if (session && session.state === "unreachable") {
      const held = Math.max(0, session.held_seconds - row.age0 - age());
      const until = text("until", { time: hour(new Date(Date.now() + held * 1000)) });
      return row.link === "switched_off" ? text("off_reserved") : text("silent", { seconds: silent }) + ", " + until;
    }
    if (row.link === "lost") return text("silent", { seconds: silent });
    if (row.link === "switched_off") return text("switched_off");
    if (row.link === "off") return text("vanished");
    if (row.lock === "broken") return text("lock_broken");
    if (session && session.state === "paused") return session.pause_reason === "power_cut" ? text("paused_power_cut") : text("paused");
    return "";
  }

  function actions(row) {
    const pc = "/admin/computers/" + row.computer_id, list = [];
    const session = row.session;
    if (!session && row.link === "linked") {
      list.push(["cash", text("seat_guest"), pc + "/seat-guest", "seat-guest"], ["user-circle", text("seat_customer"), pc + "/seat-customer", "seat-customer"]);
    }
    if (session) {
      const at = "/admin/sessions/" + session.session_id;
      list.push(["clock-plus", text("extend"), at + "/extend", "extend"]);
      if (session.state === "active") list.push(["player-pause", text("pause"), at + "/pause", "pause"]);
      if (session.state === "paused") list.push(["player-play", text("resume"), at + "/resume", "resume"]);
      list.push(["arrows-exchange", text("move"), at + "/move", "move"]);
      if (session.state === "unreachable") list.push(["lock-open", text("release"), at + "/release", "release"]);
      else list.push(["player-stop", text("end"), at + "/end", "end"]);
    }
    if (row.link === "linked") list.push(["message", text("message"), pc + "/message", "message"]);
    list.push(["pencil", text("rename"), pc + "/rename", "rename"]);
    const box = make("div");
    for (const [picture, words, address, test] of list) {
      const button = make("button", "", icon(picture), words);
      button.type = "button";
      button.dataset.dialog = address;
      button.dataset.test = test;
      box.append(button);
    }
    const opener = make("summary", "btn btn-sm", text("actions") + " ", icon("chevron-down"));
    opener.setAttribute("aria-label", text("actions_with", { name: row.name }));
    return make("details", "row-menu", opener, box);
  }

  function draw(row) {
    const line = make("tr");
    line.dataset.computerId = row.computer_id;
    line.dataset.status = row.status;
    const session = row.session;
    line.append(
      make("td", "", make("div", "name", row.name), row.name === row.hostname ? "" : make("div", "note", row.hostname)),
      make("td", "", make("span", "status status-" + row.status, icon(PICTURES[row.status]), text("status_" + row.status)), make("div", "note js-note")),
      session ? make("td", "", make("div", "js-who", session.who || text("guest")), make("div", "note", session.title)) : make("td"),
      session ? make("td", "left js-left") : make("td"),
      make("td", "js-application", row.application),
      make("td", "actions text-end", actions(row)),
    );
    update(line, row);
    return line;
  }
  function update(line, row) {
    const words = note(row), cell = line.querySelector(".js-note");
    if (cell.textContent !== words) cell.textContent = words;
    const leftCell = line.querySelector(".js-left");
    if (leftCell) {
      const seconds = left(row);
      leftCell.textContent = clock(seconds);
      leftCell.classList.toggle("ending", seconds <= 300);
    }
  }

  function drawAll() {
    const body = document.getElementById("rows");
    const open = body.querySelector("details[open]");
    const openId = open ? open.closest("tr").dataset.computerId : null;
    const shown = [...rows.values()].filter(matches);
    body.replaceChildren(...shown.map(draw));
    if (openId) {
      const menu = body.querySelector('tr[data-computer-id="' + openId + '"] details');
      if (menu) menu.open = true;
    }
    document.getElementById("no-rows").classList.toggle("d-none", rows.size > 0);
    document.getElementById("none-match").classList.toggle("d-none", rows.size === 0 || shown.length > 0);
    const problems = [...rows.values()].filter((row) => row.problem).length;
    const numbers = { total: counts.total, on: counts.on, used: counts.used, off: counts.off, problem: problems };
    document.querySelectorAll("[data-count]").forEach((badge) => { badge.textContent = numbers[badge.dataset.count]; });
    drawPairings();
  }
  function drawPairings() {
    const cards = pairings.map((pending) => {
      const yes = make("button", "btn btn-primary", text("approve")), no = make("button", "btn", text("refuse"));
      yes.type = no.type = "button";
      yes.dataset.dialog = "/admin/computers/pairings/" + encodeURIComponent(pending.pairing_id) + "/approve";
      no.dataset.dialog = "/admin/computers/pairings/" + encodeURIComponent(pending.pairing_id) + "/refuse";
      yes.dataset.test = "approve";
      const code = make("span", "h2 m-0 tabular", pending.code);
      code.dataset.test = "pairing-code";
      return make("div", "card mb-3", make("div", "card-body d-flex flex-wrap align-items-center gap-3", icon("plug-connected"),
        make("div", "flex-fill", make("b", "", pending.hostname), " " + text("wants_in", { address: pending.address })), code, yes, no));
    });
    document.getElementById("pairings").replaceChildren(...cards);
  }

  function take(message) {
    const fresh = message.type === "snapshot" ? new Map() : new Map(rows);
    const passed = age();
    if (message.type !== "snapshot") for (const row of fresh.values()) row.age0 += passed;
    for (const row of message.rows) fresh.set(row.computer_id, { ...row, age0: 0 });
    for (const id of message.removed || []) fresh.delete(id);
    const byName = (one, other) => one.name.localeCompare(other.name, "ru", { numeric: true }) || one.computer_id - other.computer_id;
    rows = new Map([...fresh.values()].sort(byName).map((row) => [row.computer_id, row]));
    counts = message.counts;
    pairings = message.pairings;
    takenAt = heardAt = Date.now();
    showFresh(true);
    drawAll();
  }
  function showFresh(isFresh) {
    document.getElementById("stale").classList.toggle("d-none", isFresh);
    root.classList.toggle("stale", !isFresh);
    if (!isFresh) document.getElementById("stale-time").textContent = new Date(heardAt).toLocaleTimeString("ru-RU");
  }

  function connect() {
    socket = new WebSocket("wss://" + location.host + "/live");
    socket.onmessage = (event) => { retry = 1000; stopPolling(); take(JSON.parse(event.data)); };
    socket.onclose = (event) => {
      socket = null;
      if (event.code === 4401) { location.reload(); return; }
      startPolling();
      setTimeout(connect, retry + Math.random() * 500);
      retry = Math.min(retry * 2, 15000);
    };
  }
  function startPolling() {
    if (poller) return;
    const ask = async () => {
      try {
        const answer = await fetch(root.dataset.poll, { cache: "no-store", redirect: "error" });
        if (answer.status === 401) { location.reload(); return; }
        if (!answer.ok) throw new Error(answer.status);
        const message = await answer.json();
        if (poller) take(message);
      } catch { showFresh(false); }
    };
    poller = setInterval(ask, POLL_MS);
    ask();
  }
  function stopPolling() { clearInterval(poller); poller = null; }

  setInterval(() => {
    if (Date.now() - heardAt > SILENT_MS) { showFresh(false); if (socket) socket.close(); }
    if (root.classList.contains("stale")) return; // a number that does not move, rather than one that lies
    document.querySelectorAll("#rows tr").forEach((line) => {
      const row = rows.get(Number(line.dataset.computerId));
      if (row) update(line, row);
    });
  }, 1000);
  document.getElementById("hall-search").addEventListener("input", drawAll);
  document.addEventListener("click", (event) => {
    document.querySelectorAll(".row-menu[open]").forEach((menu) => { if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".row-menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  take(JSON.parse(root.dataset.snapshot));
  connect();
})();
