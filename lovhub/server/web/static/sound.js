// The sound of what needs a person: made here, from two tones. Browsers are mute until one clicks or types.
(function () {
  "use strict";
  const STORED = "lovhub-sound";
  const TONES = { call: [880, 1175], alarm: [740, 494], ending: [587, 587] };
  const TONE_SECONDS = 0.18;
  const LOCK = "lovhub-sound";
  let context = null, allowed = false, waits = false, speaks = !navigator.locks;
  const settings = Object.assign({ on: true, volume: 60 }, stored());

  function stored() {
    try { return JSON.parse(localStorage.getItem(STORED)) || {}; } catch { return {}; }
  }
  function audio() {
    if (!context && window.AudioContext) context = new window.AudioContext();
    return context;
  }
  // Every tab of this browser hears of the same call: only one of those that may sound does, until it is closed.
  function waitForMyTurn() {
    if (waits || speaks) return;
    waits = true;
    navigator.locks.request(LOCK, () => { speaks = true; return new Promise(() => {}); });
  }
  function told() { document.dispatchEvent(new CustomEvent("lovhub:sound")); }
  async function ask() {
    if (allowed || !settings.on || !audio()) return;
    context.resume().then(() => {
      if (allowed || context.state !== "running") return;
      allowed = true;
      waitForMyTurn();
      told();
    }, () => {});
  }

  window.lovhubSound = {
    settings,
    // Whether a sound would be heard if there were a reason for one.
    blocked() { return settings.on && !allowed; },
    change(values) {
      Object.assign(settings, values);
      try { localStorage.setItem(STORED, JSON.stringify(settings)); } catch { /* it then lasts as long as the page */ }
      ask();
      told();
    },
    // Somebody is to hear it: once, however many tabs are open. Where none may sound so far, each does when it may.
    async tell(kind) {
      if (speaks || !(await navigator.locks.query()).held.some((lock) => lock.name === LOCK)) this.play(kind);
    },
    play(kind) {
      if (!settings.on || !audio()) return;
      const volume = context.createGain();
      volume.connect(context.destination);
      TONES[kind].forEach((frequency, index) => {
        const start = context.currentTime + index * TONE_SECONDS, tone = context.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(volume);
        tone.start(start);
        tone.stop(start + TONE_SECONDS);
      });
      volume.gain.setValueAtTime(settings.volume / 100, context.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + TONE_SECONDS * (TONES[kind].length + 1));
    },
  };
  ["pointerdown", "keydown"].forEach((gesture) => document.addEventListener(gesture, ask, true));
  addEventListener("storage", (event) => { // what was changed in another tab is meant for this one, too
    if (event.key !== STORED) return;
    Object.assign(settings, stored());
    ask();
    told();
  });
  ask(); // a browser that knows this site may allow it at once
})();
