// Draws the charts of the reports with uPlot. Every number stands in the table beside its chart, too.
(function () {
  "use strict";
  const source = document.getElementById("charts-data");
  if (!source) return;
  const DATA = JSON.parse(source.textContent);
  const HEIGHT = 260;
  const number = new Intl.NumberFormat(window.lovhubLocale, { maximumFractionDigits: 2 });
  const whole = new Intl.NumberFormat(window.lovhubLocale, { notation: "compact", maximumFractionDigits: 1 });
  const drawn = [];

  // Colours are asked of the page, so that a chart wears the theme that is on.
  function colourOf(className) {
    const probe = document.createElement("span");
    probe.className = className;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }

  function options(chart, width) {
    const ink = colourOf("text-secondary"), grid = "rgba(127,127,127,0.2)";
    const bars = (align) => uPlot.paths.bars({ size: [0.35, 28], align: align });
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    return {
      width: width,
      height: HEIGHT,
      scales: { x: { time: false, range: [-0.6, chart.labels.length - 0.4] }, y: { range: (plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 100] } },
      axes: [
        Object.assign({ incrs: [1, 2, 3, 4, 5, 7, 10, 14, 30, 60], values: (plot, at) => at.map((i) => chart.labels[i] || "") }, axis),
        Object.assign({ size: 80, values: (plot, at) => at.map((value) => whole.format(value)) }, axis),
      ],
      series: [{ label: chart.axis, value: (plot, i) => (i === null ? chart.all : chart.labels[i]) }].concat(chart.series.map((series, i) => {
        const colour = colourOf("chart-" + (i + 1));
        const sum = series.values.reduce((so, value) => so + value, 0);
        // Before one points at a bar, the legend says what all of them come to.
        const value = (plot, pointed) => number.format(pointed === null ? sum : pointed) + "\u00a0" + chart.unit;
        const look = { label: series.name, stroke: colour, width: 2, value: value };
        return i < 2 ? Object.assign(look, { fill: colour, paths: bars(i ? 1 : -1), points: { show: false } }) : Object.assign(look, { points: { size: 6 } });
      })),
    };
  }

  function draw(place) {
    const chart = DATA[place.dataset.chart];
    const values = [chart.labels.map((label, i) => i)].concat(chart.series.map((series) => series.values));
    place.replaceChildren();
    return new uPlot(options(chart, place.clientWidth), values, place);
  }
  function drawAll() {
    drawn.splice(0).forEach((plot) => plot.destroy());
    document.querySelectorAll("[data-chart]").forEach((place) => drawn.push(draw(place)));
  }

  // The window is made smaller, or «Требует внимания» is opened beside the chart.
  let waiting = null;
  const widths = new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (drawn.some((plot) => plot.width !== plot.root.parentElement.clientWidth)) drawAll();
    }, 150);
  });
  document.querySelectorAll("[data-chart]").forEach((place) => widths.observe(place));
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  drawAll();
})();
