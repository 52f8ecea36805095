// What the live parts of all pages share: passing time, and making elements.
(function () {
  "use strict";
  // The wall clock goes on while the computer sleeps; the other one nobody can set back.
  window.lovhubMoment = function () { return { wall: Date.now(), steady: performance.now() }; };
  window.lovhubSecondsSince = function (then) {
    return Math.floor(Math.max(0, Date.now() - then.wall, performance.now() - then.steady) / 1000);
  };
  window.lovhubMake = function (tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  };
  window.lovhubWrite = function (element, words) { if (element.textContent !== words) element.textContent = words; };
  window.lovhubClock = function (seconds) {
    const two = (number) => String(number).padStart(2, "0");
    return Math.floor(seconds / 3600) + ":" + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
  };
})();
