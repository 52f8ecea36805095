// Draws the hall: rows here, tiles in hall_tiles.js, which of both in hall_view.js. Rows are changed in place,
// never made anew: a menu, the focus and a half-done click survive every message.
(function () {
  "use strict";
  const text = window.lovhubText;
  const ENDING_SECONDS = 300;
  const COUNTED_IN_SECONDS = 600; // a longer silence is told in minutes
  const RIGHT_OF = {
    "seat-guest": "sell", "seat-customer": "sell", extend: "sell", message: "message_players", rename: "manage_computers",
    mend: "mark_computers", "let-go": "mark_computers", keep: "mark_computers", broken: "mark_computers", maintenance: "open_for_maintenance", "maintenance-end": "open_for_maintenance", remote: "handle_computers",
  };
  const TAP_MS = 300; // so long after the finger is up a click may come
  // What `HallRow` and `HallSession` say by saying nothing.
  const ROW = { silent_seconds: 0, session: null, application: "", problem: "", number: null, zone_id: null, condition: null, maintenance: null };
  const SESSION = { held_seconds: 0, pause_reason: "", plan: [], night_stop: "" };
  const LAST_NUMBER = 1e9; // PCs without a number stand behind those with one

  const make = window.lovhubMake, write = window.lovhubWrite, clock = window.lovhubClock;
  const moment = window.lovhubMoment, secondsSince = window.lovhubSecondsSince;
  function folded(words) { return words.toLowerCase().replaceAll("ё", "е"); }

  window.lovhubHall = function (root) {
    const body = document.getElementById("rows");
    const search = document.getElementById("hall-search");
    const hour = new Intl.DateTimeFormat(window.lovhubLocale, { hour: "2-digit", minute: "2-digit", timeZone: root.dataset.timeZone });
    const rights = new Set(root.dataset.rights.split(" "));
    const seats = new Map(); // by the PC's id: { row, takenAt, line, tile }
    let counts = {}, zones = [], pressed = null, lifting = null;

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
      if (row.status === "active") return row.maintenance ? "key" : "circle-check";
      return row.session && row.session.state === "active" ? "clock-play" : "clock-pause";
    }
    function inClubTime(seconds) { return hour.format(new Date(Date.now() + Math.max(0, seconds) * 1000)); }
    // In words what a picture cannot say; not `exact`: without seconds that count.
    function note({ row, takenAt }, { exact }) {
      const session = row.session, condition = row.condition, parts = [], passed = secondsSince(takenAt);
      const silence = (seconds) => (exact && seconds < COUNTED_IN_SECONDS ? text("silent", { seconds }) : text("silent_minutes", { minutes: Math.floor(seconds / 60) }));
      if (row.maintenance) parts.push(text("maintenance_by", { time: inClubTime(row.maintenance.seconds_left - passed), who: row.maintenance.who, reason: row.maintenance.reason }));
      if (condition && condition.kind === "broken") parts.push(text("broken_because", { reason: condition.text }));
      if (condition && condition.kind === "kept") parts.push(text("kept_for", { time: inClubTime(condition.seconds_left - passed), who: condition.text }));
      if (session && session.state === "unreachable") {
        if (row.problem === "no_agent") parts.push(text("no_agent"));
        if (row.link === "switched_off") parts.push(text("off_reserved"));
        else parts.push(silence(row.silent_seconds + passed), text("until", { time: inClubTime(session.held_seconds - passed) }));
        return parts.join(", ");
      }
      if (row.link === "lost") parts.push(silence(row.silent_seconds + passed));
      if (row.problem === "no_agent") parts.push(text("no_agent"));
      else if (row.link === "switched_off") parts.push(text("switched_off"));
      else if (row.link === "off") parts.push(text("vanished"));
      if (row.link === "linked" && row.lock === "broken") parts.push(text(row.problem === "launcher_silent" ? "launcher_silent" : "lock_broken"));
      if (session && session.state === "paused") parts.push(text({ power_cut: "paused_power_cut", player: "paused_player" }[session.pause_reason] || "paused"));
      return parts.join(", ");
    }
    function secondsLeft({ row, takenAt }) {
      const session = row.session;
      return session ? Math.max(0, session.seconds_left - (session.state === "active" ? secondsSince(takenAt) : 0)) : null;
    }
    function isEnding(left) { return left !== null && left <= ENDING_SECONDS; }
    function timeOf(seat) {
      const left = secondsLeft(seat), condition = seat.row.condition;
      if (left !== null) return clock(left);
      if (seat.row.maintenance) return clock(Math.max(0, seat.row.maintenance.seconds_left - secondsSince(seat.takenAt)));
      return condition && condition.kind === "kept" ? text("till", { time: inClubTime(condition.seconds_left - secondsSince(seat.takenAt)) }) : "";
    }
    function isWrong(row) {
      return Boolean(row.problem) || row.link === "lost" || Boolean(row.session && row.session.state === "unreachable" && row.link !== "switched_off");
    }
    function matches(row) {
      const wanted = root.dataset.status, looked = folded(search.value.trim());
      const fits = !wanted || (wanted === "on" && row.status !== "off") || wanted === row.status || (wanted === "problem" && row.problem);
      const words = [row.name, row.number, row.hostname, row.session && row.session.who, row.condition && row.condition.text, row.maintenance && row.maintenance.who];
      return fits && folded(words.filter(Boolean).join(" ")).includes(looked);
    }

    // --- what can be done with it: only what the server would accept now ---------------------------

    function actions(row) {
      const pc = "/admin/computers/" + row.computer_id, session = row.session, list = [];
      const condition = row.condition ? row.condition.kind : "", these = "?pc=" + row.computer_id;
      if (!session && !row.maintenance && row.link === "linked" && condition !== "broken") {
        list.push(["seat-guest", "cash", text("seat_guest"), pc + "/counter"]);
        list.push(["seat-customer", "user-circle", text("seat_customer"), pc + "/counter?who=customer"]);
      }
      if (session) {
        const at = "/admin/sessions/" + session.session_id;
        list.push(["extend", "clock-plus", text("extend"), pc + "/counter"]);
        if (session.state === "active") list.push(["pause", "player-pause", text("pause"), at + "/pause"]);
        if (session.state === "paused") list.push(["resume", "player-play", text("resume"), at + "/resume"]);
        list.push(["move", "arrows-exchange", text("move"), at + "/move"]);
        if (session.state === "unreachable") list.push(["release", "lock-open", text("release"), at + "/release"]);
        else list.push(["end", "player-stop", text("end"), at + "/end"]);
      }
      if (row.link === "linked") list.push(["message", "message", text("message"), pc + "/message"]);
      list.push(["remote", "power", text("remote"), "/admin/remote" + these]);
      if (condition === "broken") list.push(["mend", "check", text("mend"), "/admin/computers/mend" + these, "post"]);
      else if (condition === "kept") list.push(["let-go", "x", text("let_go"), "/admin/computers/let-go" + these, "post"]);
      else list.push(["keep", "hourglass", text("keep"), "/admin/computers/keep" + these]);
      if (condition !== "broken") list.push(["broken", "tool", text("mark_broken"), "/admin/computers/broken" + these]);
      if (row.maintenance) list.push(["maintenance-end", "lock", text("maintenance_end"), pc + "/maintenance/end", "post"]);
      else if (!session && row.link === "linked") list.push(["maintenance", "key", text("maintenance"), pc + "/maintenance"]);
      list.push(["rename", "pencil", text("rename"), pc + "/rename"]);
      return list.filter(([name]) => rights.has(RIGHT_OF[name] || "run_sessions"));
    }
    function actionButton(name, className, how, address, ...children) {
      const button = make("button", className, ...children);
      button.type = "button";
      button.dataset[how] = address;
      button.dataset.test = name;
      return button;
    }
    function dialogButton(name, className, address, ...children) { return actionButton(name, className, "dialog", address, ...children); }
    function updateMenu(menu, row) {
      const list = actions(row), key = JSON.stringify(list), box = menu.lastChild;
      menu.hidden = !list.length;
      if (menu.dataset.key === key || menu === pressed || (menu.open && box.matches(":hover"))) return;
      const focused = box.contains(document.activeElement) ? document.activeElement.dataset.test : null;
      menu.dataset.key = key;
      box.replaceChildren(...list.map(([name, pictureName, words, address, how]) => actionButton(name, "", how || "dialog", address, icon(pictureName), words)));
      if (focused) (box.querySelector('[data-test="' + focused + '"]') || menu.firstChild).focus();
    }
    // What came while it was pressed, or its lines lay under the pointer: nothing moves there between a look and a click.
    function renewMenu(menu) {
      const line = menu.closest("[data-computer-id]"), seat = line && seats.get(Number(line.dataset.computerId));
      if (seat) updateMenu(menu, seat.row);
    }
    function newMenu() {
      return watchMenu(make("details", "row-menu", make("summary", "btn btn-sm", text("actions"), icon("chevron-down")), make("div")));
    }
    // It opens to where there is room, and closes when the focus leaves it.
    function watchMenu(menu) {
      menu.lastChild.addEventListener("pointerleave", () => renewMenu(menu));
      menu.addEventListener("toggle", () => {
        renewMenu(menu);
        const around = menu.getBoundingClientRect(), list = menu.lastChild;
        menu.classList.toggle("up", menu.open && innerHeight - around.bottom < list.offsetHeight && around.top > list.offsetHeight);
        menu.classList.toggle("from-left", menu.open && around.right < list.offsetWidth);
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
      line.dataset.condition = row.condition ? row.condition.kind : "";
      line.dataset.name = row.name;
      line.dataset.number = row.number || "";
      write(at(".name"), row.name);
      write(at(".js-hostname"), row.name === row.hostname ? "" : row.hostname);
      at(".status").className = "status status-" + row.status + (session && session.state === "active" ? " ticking" : "");
      setIcon(at(".status svg"), picture(row));
      write(at(".js-status"), text(row.maintenance && row.status === "active" ? "tile_maintenance" : "status_" + row.status));
      at(".js-note").classList.toggle("wrong", isWrong(row));
      write(at(".js-who"), session ? session.who || text("guest") : "");
      write(at(".js-title"), session ? [session.customer_id === null && session.who ? text("guest") : "", session.title].filter(Boolean).join(", ") : "");
      write(at(".js-application"), row.application);
      at(".row-menu summary").setAttribute("aria-label", text("actions_with", { name: row.name }));
      updateMenu(at(".row-menu"), row);
      updateLineSeconds(seat);
    }
    function updateLineSeconds(seat) {
      const { line } = seat, left = secondsLeft(seat), cell = line.querySelector(".js-left");
      write(line.querySelector(".js-note"), note(seat, { exact: true }));
      write(cell, left === null ? "" : clock(left));
      cell.classList.toggle("ending", isEnding(left));
    }
    function updateSeconds(seat) {
      updateLineSeconds(seat);
      tiles.updateSeconds(seat);
    }
    // As they stand in the club: zone by zone, by number, and by name.
    function inOrder() {
      const places = new Map(zones.map((zone, place) => [zone.zone_id, place]));
      const placeOf = (row) => (places.has(row.zone_id) ? places.get(row.zone_id) : places.size);
      return [...seats.values()].sort(({ row: one }, { row: other }) =>
        placeOf(one) - placeOf(other) || (one.number || LAST_NUMBER) - (other.number || LAST_NUMBER) || one.name.localeCompare(other.name, window.lovhubLocale, { numeric: true }) || one.computer_id - other.computer_id);
    }
    function arrange() {
      const ordered = inOrder();
      let place = body.firstChild, shown = 0;
      for (const { row, line } of ordered) {
        if (line === place) place = place.nextSibling;
        else body.insertBefore(line, place);
        line.hidden = !matches(row);
        if (!line.hidden) shown += 1;
      }
      tiles.arrange(ordered, zones, matches);
      document.getElementById("no-rows").classList.toggle("d-none", seats.size > 0);
      document.getElementById("none-match").classList.toggle("d-none", seats.size === 0 || shown > 0);
    }

    // --- what stands above them --------------------------------------------------------------------

    function drawCounts() {
      const problems = [...seats.values()].filter(({ row }) => row.problem).length;
      const numbers = { total: counts.total, on: counts.on, used: counts.used, off: counts.off, problem: problems };
      document.querySelectorAll(".hall-filter [data-count]").forEach((badge) => write(badge, String(numbers[badge.dataset.count])));
    }
    function drawOnce(box, key, children) {
      if (box.dataset.key === key) return;
      box.dataset.key = key;
      box.replaceChildren(...children());
    }
    function drawPairings(pairings) {
      const shown = pairings.map(({ pairing_id, hostname, address, code, name }) => ({ pairing_id, hostname, address, code, name }));
      const many = make("a", "btn mb-3", icon("plug-connected"), text("approve_many"));
      many.href = "/admin/computers/pairings";
      const above = shown.length > 1 && rights.has("manage_computers") ? [many] : [];
      drawOnce(document.getElementById("pairings"), JSON.stringify(shown), () => above.concat(shown.map((pending) => {
        const at = "/admin/computers/pairings/" + encodeURIComponent(pending.pairing_id);
        const code = make("span", "h2 m-0 tabular", pending.code);
        code.dataset.test = "pairing-code";
        const card = make("div", "card mb-3", make("div", "card-body d-flex flex-wrap align-items-center gap-3",
          icon("plug-connected"),
          make("div", "flex-fill", make("b", "", pending.name || pending.hostname), " " + text("wants_in", { address: pending.address })),
          code,
          ...(rights.has("manage_computers") ? [
            dialogButton("approve", "btn btn-primary", at + "/approve", text("approve")),
            dialogButton("refuse", "btn", at + "/refuse", text("refuse"))] : [])));
        card.dataset.pairingId = pending.pairing_id;
        return card;
      })));
    }

    // --- menus -------------------------------------------------------------------------------------

    const tiles = window.lovhubTiles(root, {
      make, write, icon, setIcon, watchMenu, updateMenu, secondsLeft, isEnding, timeOf, note,
      seatOf: (tile) => seats.get(Number(tile.dataset.computerId)),
    });
    window.lovhubHallView(root, tiles.fit); // what was hidden is drawn to the size of the page
    search.addEventListener("input", arrange);
    // What a finger is on stays there: a click on what is replaced meanwhile reaches nothing, or its neighbour.
    function lift() {
      const menu = pressed;
      pressed = lifting = null;
      if (menu) renewMenu(menu);
    }
    document.addEventListener("pointerdown", (event) => {
      const menu = event.target.closest(".row-menu");
      clearTimeout(lifting);
      // A second press soon after the first is meant for what the menu shows. (After a right click there may be no end.)
      if (menu !== pressed || lifting === null) lift();
      pressed = menu;
      lifting = null;
    });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { lifting = setTimeout(lift, TAP_MS); });
    document.addEventListener("click", (event) => {
      document.querySelectorAll(".row-menu[open]").forEach((menu) => {
        const chosen = menu.contains(event.target) && event.target.closest("button");
        if (chosen) menu.firstChild.focus(); // where a closed dialog gives the focus back to
        if (chosen || !menu.contains(event.target)) menu.open = false;
      });
    });
    window.lovhubKeys.add({ keys: ["↑", "↓"], text: "key_menu", when: () => document.querySelector(".row-menu[open]") !== null });
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
        for (const told of message.rows) {
          const row = { ...ROW, ...told };
          if (row.session) row.session = { ...SESSION, ...row.session };
          gone.delete(row.computer_id);
          const seat = seats.get(row.computer_id) || { line: newLine(row) };
          Object.assign(seat, { row, takenAt });
          seats.set(row.computer_id, seat);
          updateLine(seat);
          tiles.update(seat);
        }
        for (const id of gone) {
          if (seats.has(id)) {
            seats.get(id).line.remove();
            tiles.remove(seats.get(id));
          }
          seats.delete(id);
        }
        counts = message.counts;
        zones = message.zones;
        arrange();
        drawCounts();
        drawPairings(message.pairings);
      },
      // A second has passed.
      tick() { seats.forEach(updateSeconds); },
    };
  };
})();
