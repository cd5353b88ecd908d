// Reads the values of charts under the pointer, and by the arrow keys. What it shows stands beside
// the charts, so that a live region may be drawn again meanwhile.

const readout = document.createElement("div");
const rule = document.createElement("div");
readout.className = "readout";
readout.setAttribute("role", "status");
rule.className = "readout-rule";
readout.hidden = rule.hidden = true;
document.body.append(rule, readout);
let at = null; // the chart that is read and its place: {box, chart, x}

const numbers = (text) => (text ? text.split(" ").map(Number) : []);
const charts = (box) => [...box.querySelectorAll("[data-plot]")];
const series = (chart) => [...chart.querySelectorAll("[data-series]")];
const places = (chart) =>
  [...new Set(series(chart).flatMap((each) => numbers(each.dataset.x)))].sort((a, b) => a - b);
const nearest = (values, x) =>
  values.reduce((best, each) => (Math.abs(each - x) < Math.abs(best - x) ? each : best));
const shown = (value) => String(Number(value.toPrecision(5))).replace("-", "\u2212");

function show(box, number, x) {
  const chart = charts(box)[number];
  const svg = chart?.closest("svg");
  if (!svg?.getScreenCTM()) return hide();
  const [left, top, width, height] = numbers(chart.dataset.plot);
  const [low, high] = numbers(chart.dataset.xRange);
  const matrix = svg.getScreenCTM();
  const from = new DOMPoint(left + ((x - low) / (high - low)) * width, top).matrixTransform(matrix);
  const to = new DOMPoint(left, top + height).matrixTransform(matrix);
  readout.replaceChildren();
  const head = document.createElement("b");
  const caption = [...chart.querySelectorAll('text[text-anchor="middle"]')].at(-1)?.textContent;
  head.textContent = `${caption ?? ""} ${shown(x)}`.trim();
  readout.append(head);
  for (const each of series(chart)) {
    const index = numbers(each.dataset.x).indexOf(x);
    if (index < 0) continue;
    const value = (name) => shown(numbers(each.dataset[name])[index]);
    const line = document.createElement("span");
    const swatch = document.createElement("i");
    swatch.style.background = each.querySelector("polyline").getAttribute("stroke");
    const band = each.dataset.low ? ` (${value("low")} to ${value("high")})` : "";
    line.append(swatch, `${each.dataset.series} ${value("y")} ${chart.dataset.yUnit ?? ""}${band}`);
    readout.append(line);
  }
  readout.hidden = rule.hidden = false;
  rule.style.left = `${from.x}px`;
  rule.style.top = `${from.y}px`;
  rule.style.height = `${to.y - from.y}px`;
  const room = document.documentElement.clientWidth - readout.offsetWidth - 8;
  const right = from.x + 12;
  readout.style.left = `${Math.max(8, right > room ? from.x - 12 - readout.offsetWidth : right)}px`;
  readout.style.top = `${Math.max(8, from.y)}px`;
  at = { box, number, x };
}

function hide() {
  readout.hidden = rule.hidden = true;
  at = null;
}

document.addEventListener("pointermove", (event) => {
  const box = event.target.closest?.("[data-readout]");
  if (!box) return at && document.activeElement !== at.box ? hide() : undefined;
  const inside = charts(box).map((chart) => {
    const [left, top, width, height] = numbers(chart.dataset.plot);
    const [low, high] = numbers(chart.dataset.xRange);
    const matrix = chart.closest("svg").getScreenCTM()?.inverse();
    const point = matrix && new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    const hit = point && point.x > left - 8 && point.x < left + width + 8 && point.y > top - 8 && point.y < top + height + 8;
    return hit ? nearest(places(chart), low + ((point.x - left) / width) * (high - low)) : null;
  });
  const number = inside.findIndex((x) => x !== null);
  number < 0 ? hide() : show(box, number, inside[number]);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-readout]");
  if (!box) return;
  if (event.key === "Escape") return hide();
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const here = at?.box === box ? at : null;
  const chart = charts(box)[here?.number ?? 0];
  const all = places(chart);
  const index = here ? all.indexOf(nearest(all, here.x)) + step : step > 0 ? 0 : all.length - 1;
  show(box, here?.number ?? 0, all[Math.min(all.length - 1, Math.max(0, index))]);
});
document.addEventListener("focusout", hide);
addEventListener("scroll", hide, { passive: true, capture: true });
// What was drawn again is read again.
document.addEventListener("live", () => at && show(at.box, at.number, at.x));
