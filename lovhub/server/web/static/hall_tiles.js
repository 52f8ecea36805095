// The hall as tiles, grouped by hall and zone. Like rows, tiles are changed in place: a menu, the focus and a
// half-done click survive every message.
(function () {
  "use strict";
  const text = window.lovhubText;
  const DENSITIES = ["roomy", "normal", "compact", "dense"];
  const TIP_MS = 250;
  const PHONE = matchMedia("(max-width: 767.98px)"); // there one scrolls anyway
  const WITHOUT_ZONE = "none";

  // What a tile says first, the most urgent thing before the others.
  window.lovhubHallState = function (row) {
    const session = row.session, condition = row.condition ? row.condition.kind : "";
    if (row.problem === "lock_broken") return "lock";
    if (row.problem === "no_agent") return "no_agent";
    if (row.maintenance && row.link === "linked") return "maintenance"; // also of a broken one: it is open
    if (condition === "broken") return "broken";
    if (row.link === "lost" || (session && session.state === "unreachable" && row.link !== "switched_off")) return "lost";
    if (row.status === "off") return "off";
    if (session) return session.state === "active" ? "used" : "paused";
    return condition === "kept" ? "kept" : "free";
  };
  const PICTURES = {
    lock: "alert-triangle", no_agent: "plug-connected-x", broken: "tool", lost: "wifi-off", off: "power", used: "clock-play", paused: "clock-pause", kept: "hourglass", maintenance: "key", free: "circle-check",
  };

  // `said` is what hall.js says of a PC in both views.
  window.lovhubTiles = function (root, said) {
    const { make, write, icon, setIcon } = said;
    const box = document.getElementById("tiles");
    const tip = document.getElementById("tile-tip");
    const groups = new Map(); // by zone: { section, title, grid }
    let fitted = "", tipSeat = null, tipTimer = null;

    // --- one tile ----------------------------------------------------------------------------------

    function newTile(row) {
      const face = make("summary", "tile-face",
        make("span", "tile-name"), icon("power"),
        make("span", "tile-word"), make("span", "tile-short"), make("span", "tile-left tabular"), make("span", "tile-who"), make("span", "visually-hidden"));
      const tile = make("details", "tile row-menu", face, make("div"));
      tile.dataset.computerId = row.computer_id;
      said.watchMenu(tile);
      return tile;
    }
    function update(seat) {
      const row = seat.row;
      if (!seat.tile) seat.tile = newTile(row);
      const tile = seat.tile, state = window.lovhubHallState(row), session = row.session;
      const at = (selector) => tile.querySelector(selector);
      tile.dataset.state = state;
      tile.dataset.status = row.status;
      tile.dataset.name = row.name;
      tile.dataset.number = row.number || "";
      tile.dataset.condition = row.condition ? row.condition.kind : "";
      tile.classList.toggle("ticking", state === "used");
      setIcon(at("svg"), PICTURES[state]);
      write(at(".tile-name"), headline(row));
      write(at(".tile-word"), text("tile_" + state));
      write(at(".tile-short"), text("tile_" + state + "_short"));
      write(at(".tile-who"), session ? session.who || text("guest") : row.maintenance ? row.maintenance.who : row.condition ? row.condition.text : "");
      said.updateMenu(tile, row);
      updateSeconds(seat);
    }
    function headline(row) {
      const ends = new RegExp("(^|\\D)0*" + row.number + "$");
      return row.number && !ends.test(row.name) ? row.number + " " + row.name : row.name;
    }
    function updateSeconds(seat) {
      const { tile } = seat, left = said.secondsLeft(seat), cell = tile.querySelector(".tile-left");
      write(cell, said.timeOf(seat));
      cell.classList.toggle("ending", said.isEnding(left));
      write(tile.querySelector(".visually-hidden"), said.note(seat, { exact: false }));
      if (seat === tipSeat) fillTip(seat);
    }
    // --- groups ------------------------------------------------------------------------------------

    function newGroup(key) {
      const title = make("h2", "tile-title"), grid = make("div", "tile-grid");
      const section = make("section", "tile-zone", title, grid);
      section.dataset.zoneId = key;
      const group = { section, title, grid };
      groups.set(key, group);
      return group;
    }
    // `seats` in the order in which they stand; `fits` tells which the filter shows.
    function arrange(seats, zones, fits) {
      const severalHalls = new Set(zones.map((zone) => zone.hall_id)).size > 1;
      const names = new Map(zones.map((zone) => [String(zone.zone_id), severalHalls ? zone.hall_name + " · " + zone.name : zone.name]));
      const byZone = new Map([...names.keys(), WITHOUT_ZONE].map((key) => [key, []]));
      seats.forEach((seat) => {
        const key = String(seat.row.zone_id);
        byZone.get(byZone.has(key) ? key : WITHOUT_ZONE).push(seat);
      });
      let place = box.firstChild;
      for (const [key, inside] of byZone) {
        const group = groups.get(key) || newGroup(key);
        if (group.section === place) place = place.nextSibling;
        else box.insertBefore(group.section, place);
        fill(group.grid, inside, fits);
        const free = inside.filter(({ row }) => window.lovhubHallState(row) === "free").length;
        write(group.title, zones.length ? text("zone_title", { name: names.get(key) || text("without_zone"), free, total: inside.length }) : "");
        group.section.hidden = inside.every(({ tile }) => tile.hidden);
      }
      for (const [key, group] of groups) {
        if (!byZone.has(key)) { group.section.remove(); groups.delete(key); }
      }
      fit();
    }
    function fill(grid, seats, fits) {
      let place = grid.firstChild;
      for (const { row, tile } of seats) {
        if (tile === place) place = place.nextSibling;
        else grid.insertBefore(tile, place);
        tile.hidden = !fits(row);
      }
    }

    // The largest tiles with which the whole hall is seen at once.
    function fit() {
      if (root.dataset.view !== "tiles" || box.querySelector(".picked")) return; // nothing moves under a hand that picks
      const shown = [...groups.values()].map(({ grid, section }) => (section.hidden ? 0 : grid.querySelectorAll(".tile:not([hidden])").length));
      const key = JSON.stringify([shown, innerWidth, innerHeight, Math.round(box.getBoundingClientRect().top + scrollY)]);
      if (key === fitted) return;
      fitted = key;
      for (const density of PHONE.matches ? ["normal"] : DENSITIES) {
        box.dataset.density = density;
        if (document.documentElement.scrollHeight <= innerHeight) break;
      }
    }
    addEventListener("resize", fit);

    // --- what stands on a tile one points at -------------------------------------------------------

    function fillTip(seat) {
      const { row } = seat, session = row.session;
      const lines = [
        [row.name, row.hostname === row.name ? "" : row.hostname].filter(Boolean).join(" · "),
        [seat.tile.querySelector(".tile-word").textContent, said.note(seat, { exact: true })].filter(Boolean).join(", "),
        session ? [session.who || text("guest"), session.title].filter(Boolean).join(", ") : "",
        [said.timeOf(seat), row.application].filter(Boolean).join(" · "),
      ].filter(Boolean);
      if (tip.dataset.key === lines.join("\n")) return;
      tip.dataset.key = lines.join("\n");
      tip.replaceChildren(...lines.map((line, number) => make("div", number ? "" : "fw-bold", line)));
    }
    function showTip(tile) {
      clearTimeout(tipTimer);
      const seat = tile && !tile.open ? said.seatOf(tile) : null;
      tipSeat = seat || null;
      tip.hidden = !tipSeat;
      if (!tipSeat) return;
      fillTip(seat);
      const edge = 8, around = tile.getBoundingClientRect(), own = tip.getBoundingClientRect();
      const below = around.bottom + own.height + edge <= innerHeight;
      tip.style.left = Math.max(edge, Math.min(around.left, innerWidth - own.width - edge)) + "px";
      tip.style.top = (below ? around.bottom + edge / 2 : Math.max(edge, around.top - own.height - edge / 2)) + "px";
    }
    // Not at once: a hand that only passes over the hall is not to be followed by a crowd of words.
    box.addEventListener("mouseover", (event) => {
      const tile = event.target.closest(".tile");
      if (tipSeat && tile === tipSeat.tile) return;
      showTip(null);
      if (tile) tipTimer = setTimeout(showTip, TIP_MS, tile);
    });
    box.addEventListener("mouseleave", () => showTip(null));
    box.addEventListener("focusin", (event) => { if (event.target.matches("summary:focus-visible")) showTip(event.target.parentElement); });
    box.addEventListener("focusout", () => showTip(null));
    box.addEventListener("toggle", () => showTip(null), true);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") showTip(null); });

    return {
      update,
      updateSeconds,
      arrange,
      fit() { fitted = ""; fit(); },
      remove(seat) {
        if (seat === tipSeat) showTip(null);
        seat.tile.remove();
      },
    };
  };
})();
