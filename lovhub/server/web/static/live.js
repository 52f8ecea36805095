// What every page hears: pushed over /live, polled when push is cut off, and never a stale number that looks live.
// The hall's own page hears of the hall; the others only of what needs a person.
(function () {
  "use strict";
  const root = document.getElementById("live");
  const box = document.getElementById("attention");
  const source = root || box;
  const POLL_MS = 5000;
  const ANSWER_MS = 4000;
  const SILENT_SECONDS = 12; // the server says something at least every 5 s, if only that nothing is new
  const LONGEST_RETRY_MS = 15000;
  const panel = window.lovhubAttention(box);
  const hall = root ? window.lovhubHall(root) : null;
  const time = root ? new Intl.DateTimeFormat(window.lovhubLocale, { timeStyle: "medium", timeZone: root.dataset.timeZone }) : null;
  let heardAt = window.lovhubMoment(), stale = false, socket = null, retryMs = 1000, poller = null;

  function take(message) {
    heardAt = window.lovhubMoment();
    if (hall) hall.take(message);
    panel.take(message);
    showFresh(true);
  }
  function showFresh(isFresh) {
    stale = !isFresh;
    panel.showFresh(isFresh);
    if (!root) return;
    if (!isFresh) document.getElementById("stale-time").textContent = time.format(new Date(heardAt.wall));
    document.getElementById("stale").classList.toggle("d-none", isFresh);
    root.classList.toggle("stale", !isFresh);
  }

  function connect() {
    const opened = new WebSocket("wss://" + location.host + "/live" + (hall ? "" : "?only=attention"));
    socket = opened;
    opened.onmessage = (event) => { retryMs = 1000; stopPolling(); take(JSON.parse(event.data)); };
    opened.onclose = () => { if (socket === opened) cutOff(); };
  }
  function cutOff() {
    // A connection whose other end is gone may take minutes to close; nothing waits for it.
    const dead = socket;
    socket = null;
    if (dead) { dead.onmessage = null; dead.close(); }
    startPolling();
    setTimeout(connect, retryMs + Math.random() * 500);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  async function ask() {
    try {
      const answer = await fetch(source.dataset.poll, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(ANSWER_MS) });
      // Signed out, or something must be done first: the page leads there, and then back here.
      if (answer.status === 401 || answer.status === 403) { location.reload(); return; }
      if (!answer.ok) throw new Error(answer.status);
      const message = await answer.json();
      if (poller) take(message);
    } catch {
      if (poller) showFresh(false);
    }
  }
  function startPolling() {
    if (poller) return;
    poller = setInterval(ask, POLL_MS);
    ask();
  }
  function stopPolling() { clearInterval(poller); poller = null; }

  setInterval(() => {
    if (window.lovhubSecondsSince(heardAt) > SILENT_SECONDS) {
      showFresh(false);
      if (socket) cutOff();
    }
    if (stale) return; // a number that stands still, rather than one that lies
    if (hall) hall.tick();
    panel.tick();
  }, 1000);

  take(JSON.parse(source.dataset.snapshot));
  connect();
})();
