// Draws the hall. Rows are changed in place, never made anew: a menu, the focus and a half-done click survive
// every message.
(function () {
  "use strict";
  const text = window.lovhubText;
  const ENDING_SECONDS = 300;
  const COUNTED_IN_SECONDS = 600; // a longer silence is told in minutes

  const make = window.lovhubMake, write = window.lovhubWrite, clock = window.lovhubClock;
  const moment = window.lovhubMoment, secondsSince = window.lovhubSecondsSince;
  function folded(words) { return words.toLowerCase().replaceAll("ё", "е"); }

  window.lovhubHall = function (root) {
    const body = document.getElementById("rows");
    const search = document.getElementById("hall-search");
    const hour = new Intl.DateTimeFormat("ru-RU", { hour: "2-digit", minute: "2-digit", timeZone: root.dataset.timeZone });
    const seats = new Map(); // by the PC's id: { row, takenAt, line }
    let counts = {};

    function icon(name) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
      setIcon(svg, name);
      return svg;
    }
    function setIcon(svg, name) {
      const address = root.dataset.icons + "#" + name;
      if (svg.firstChild.getAttribute("href") !== address) svg.firstChild.setAttribute("href", address);
    }

    // --- what a row says ---------------------------------------------------------------------------

    function picture(row) {
      if (row.status === "off") return "power";
      if (row.status === "active") return "circle-check";
      return row.session && row.session.state === "active" ? "clock-play" : "clock-pause";
    }
    function silence(seconds) {
      return seconds < COUNTED_IN_SECONDS ? text("silent", { seconds }) : text("silent_minutes", { minutes: Math.floor(seconds / 60) });
    }
    function note(row, passed) {
      const session = row.session, parts = [];
      if (session && session.state === "unreachable") {
        const until = new Date(Date.now() + Math.max(0, session.held_seconds - passed) * 1000);
        if (row.link === "switched_off") return text("off_reserved");
        return silence(row.silent_seconds + passed) + ", " + text("until", { time: hour.format(until) });
      }
      if (row.link === "lost") parts.push(silence(row.silent_seconds + passed));
      if (row.link === "switched_off") parts.push(text("switched_off"));
      if (row.link === "off") parts.push(text("vanished"));
      if (row.link === "linked" && row.lock === "broken") parts.push(text("lock_broken"));
      if (session && session.state === "paused") parts.push(text(session.pause_reason === "power_cut" ? "paused_power_cut" : "paused"));
      return parts.join(", ");
    }
    function isWrong(row) {
      return Boolean(row.problem) || row.link === "lost" || Boolean(row.session && row.session.state === "unreachable" && row.link !== "switched_off");
    }
    function matches(row) {
      const wanted = root.dataset.status, looked = folded(search.value.trim());
      const fits = !wanted || (wanted === "on" && row.status !== "off") || wanted === row.status || (wanted === "problem" && row.problem);
      return fits && folded(row.name + " " + row.hostname + " " + (row.session ? row.session.who : "")).includes(looked);
    }

    // --- what can be done with it: only what the server would accept now ---------------------------

    function actions(row) {
      const pc = "/admin/computers/" + row.computer_id, session = row.session, list = [];
      if (!session && row.link === "linked") {
        list.push(["seat-guest", "cash", text("seat_guest"), pc + "/seat-guest"]);
        list.push(["seat-customer", "user-circle", text("seat_customer"), pc + "/seat-customer"]);
      }
      if (session) {
        const at = "/admin/sessions/" + session.session_id;
        list.push(["extend", "clock-plus", text("extend"), at + "/extend"]);
        if (session.state === "active") list.push(["pause", "player-pause", text("pause"), at + "/pause"]);
        if (session.state === "paused") list.push(["resume", "player-play", text("resume"), at + "/resume"]);
        list.push(["move", "arrows-exchange", text("move"), at + "/move"]);
        if (session.state === "unreachable") list.push(["release", "lock-open", text("release"), at + "/release"]);
        else list.push(["end", "player-stop", text("end"), at + "/end"]);
      }
      if (row.link === "linked") list.push(["message", "message", text("message"), pc + "/message"]);
      list.push(["rename", "pencil", text("rename"), pc + "/rename"]);
      return list;
    }
    function dialogButton(name, className, address, ...children) {
      const button = make("button", className, ...children);
      button.type = "button";
      button.dataset.dialog = address;
      button.dataset.test = name;
      return button;
    }
    function updateMenu(menu, row) {
      const list = actions(row), key = JSON.stringify(list), box = menu.lastChild;
      menu.firstChild.setAttribute("aria-label", text("actions_with", { name: row.name }));
      if (menu.dataset.key === key) return;
      const focused = box.contains(document.activeElement) ? document.activeElement.dataset.test : null;
      menu.dataset.key = key;
      box.replaceChildren(...list.map(([name, pictureName, words, address]) => dialogButton(name, "", address, icon(pictureName), words)));
      if (focused) (box.querySelector('[data-test="' + focused + '"]') || menu.firstChild).focus();
    }
    function newMenu() {
      const menu = make("details", "row-menu", make("summary", "btn btn-sm", text("actions"), icon("chevron-down")), make("div"));
      menu.addEventListener("toggle", () => {
        const room = window.innerHeight - menu.getBoundingClientRect().bottom;
        menu.classList.toggle("up", menu.open && room < menu.lastChild.offsetHeight && menu.getBoundingClientRect().top > menu.lastChild.offsetHeight);
      });
      menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
      return menu;
    }

    // --- rows --------------------------------------------------------------------------------------

    function newLine(row) {
      const line = make("tr", "",
        make("td", "pc", make("a", "name"), make("div", "note js-hostname")),
        make("td", "state", make("span", "status", icon("power"), make("span", "js-status")), make("div", "note js-note")),
        make("td", "player", make("div", "js-who"), make("div", "note js-title")),
        make("td", "left js-left"),
        make("td", "js-application"),
        make("td", "actions text-end", newMenu()),
      );
      line.querySelector(".name").href = "/admin/computers/" + row.computer_id;
      line.dataset.computerId = row.computer_id;
      return line;
    }
    function updateLine(seat) {
      const { row, line } = seat, session = row.session;
      const at = (selector) => line.querySelector(selector);
      line.dataset.status = row.status;
      line.dataset.problem = row.problem;
      write(at(".name"), row.name);
      write(at(".js-hostname"), row.name === row.hostname ? "" : row.hostname);
      at(".status").className = "status status-" + row.status + (session && session.state === "active" ? " ticking" : "");
      setIcon(at(".status svg"), picture(row));
      write(at(".js-status"), text("status_" + row.status));
      at(".js-note").classList.toggle("wrong", isWrong(row));
      write(at(".js-who"), session ? session.who || text("guest") : "");
      write(at(".js-title"), session ? [session.customer_id === null && session.who ? text("guest") : "", session.title].filter(Boolean).join(", ") : "");
      write(at(".js-application"), row.application);
      updateMenu(at(".row-menu"), row);
      updateSeconds(seat);
    }
    function updateSeconds({ row, line, takenAt }) {
      const passed = secondsSince(takenAt), session = row.session, cell = line.querySelector(".js-left");
      write(line.querySelector(".js-note"), note(row, passed));
      const left = session ? Math.max(0, session.seconds_left - (session.state === "active" ? passed : 0)) : null;
      write(cell, left === null ? "" : clock(left));
      cell.classList.toggle("ending", left !== null && left <= ENDING_SECONDS);
    }
    function arrange() {
      const byName = ({ row: one }, { row: other }) => one.name.localeCompare(other.name, "ru", { numeric: true }) || one.computer_id - other.computer_id;
      let place = body.firstChild, shown = 0;
      for (const { row, line } of [...seats.values()].sort(byName)) {
        if (line === place) place = place.nextSibling;
        else body.insertBefore(line, place);
        line.hidden = !matches(row);
        if (!line.hidden) shown += 1;
      }
      document.getElementById("no-rows").classList.toggle("d-none", seats.size > 0);
      document.getElementById("none-match").classList.toggle("d-none", seats.size === 0 || shown > 0);
    }

    // --- what stands above them --------------------------------------------------------------------

    function drawCounts() {
      const problems = [...seats.values()].filter(({ row }) => row.problem).length;
      const numbers = { total: counts.total, on: counts.on, used: counts.used, off: counts.off, problem: problems };
      document.querySelectorAll("[data-count]").forEach((badge) => write(badge, String(numbers[badge.dataset.count])));
    }
    function drawOnce(box, key, children) {
      if (box.dataset.key === key) return;
      box.dataset.key = key;
      box.replaceChildren(...children());
    }
    function drawPairings(pairings) {
      const shown = pairings.map(({ pairing_id, hostname, address, code }) => ({ pairing_id, hostname, address, code }));
      drawOnce(document.getElementById("pairings"), JSON.stringify(shown), () => shown.map((pending) => {
        const at = "/admin/computers/pairings/" + encodeURIComponent(pending.pairing_id);
        const code = make("span", "h2 m-0 tabular", pending.code);
        code.dataset.test = "pairing-code";
        const card = make("div", "card mb-3", make("div", "card-body d-flex flex-wrap align-items-center gap-3",
          icon("plug-connected"),
          make("div", "flex-fill", make("b", "", pending.hostname), " " + text("wants_in", { address: pending.address })),
          code,
          dialogButton("approve", "btn btn-primary", at + "/approve", text("approve")),
          dialogButton("refuse", "btn", at + "/refuse", text("refuse"))));
        card.dataset.pairingId = pending.pairing_id;
        return card;
      }));
    }

    // --- menus -------------------------------------------------------------------------------------

    search.addEventListener("input", arrange);
    document.addEventListener("click", (event) => {
      document.querySelectorAll(".row-menu[open]").forEach((menu) => {
        const chosen = menu.contains(event.target) && event.target.closest("button");
        if (chosen) menu.firstChild.focus(); // where a closed dialog gives the focus back to
        if (chosen || !menu.contains(event.target)) menu.open = false;
      });
    });
    document.addEventListener("keydown", (event) => {
      const menu = event.target.closest(".row-menu[open]") || (event.key === "Escape" && document.querySelector(".row-menu[open]"));
      if (!menu) return;
      const stops = [menu.firstChild, ...menu.querySelectorAll("button")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { menu.open = false; menu.firstChild.focus(); }
      if (step) { event.preventDefault(); stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus(); }
    });

    return {
      // A whole picture, or what has changed in it.
      take(message) {
        const takenAt = moment();
        const gone = message.type === "snapshot" ? new Set(seats.keys()) : new Set(message.removed);
        for (const row of message.rows) {
          gone.delete(row.computer_id);
          const seat = seats.get(row.computer_id) || { line: newLine(row) };
          Object.assign(seat, { row, takenAt });
          seats.set(row.computer_id, seat);
          updateLine(seat);
        }
        for (const id of gone) {
          if (seats.has(id)) seats.get(id).line.remove();
          seats.delete(id);
        }
        counts = message.counts;
        arrange();
        drawCounts();
        drawPairings(message.pairings);
      },
      // A second has passed.
      tick() { seats.forEach(updateSeconds); },
    };
  };
})();
