"use strict";
// Draws what the server tells, four times a second. Keeps no more than the server does.

const SAMPLES = 480, CANDLES = 600, ENTRIES = 300;
const LIVE = new Set(["CONNECTED"]), BROKEN = new Set(["ERROR", "CLOSED", "NO_QUORUM", "NO_CONSENSUS"]);

const $ = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const fixed = (x, digits) => (x === null || x === undefined ? "–" : x.toFixed(digits));
const count = (x) => x.toLocaleString("en");
const tone = (status) => (LIVE.has(status) || status === "OK" ? "good" : BROKEN.has(status) ? "bad" : "warn");

const samples = new Map(), candles = new Map();
let shown = null, lines = null, drawn = "", chart = null, series = null, crossed = [], extent = new Extent();

// Only what has changed is touched: what is marked with the mouse stays marked, and nothing is read out twice.
function set(element, text, kind = "") {
  if (element.textContent !== text) element.textContent = text;
  if (element.className !== kind) element.className = kind;
}

function fill(body, rows) {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, k) => {
    const tr = body.rows[k] ?? body.insertRow();
    cells.forEach(([text, kind], i) => set(tr.cells[i] ?? tr.insertCell(), text, kind));
  });
}

function keep(map, symbol, things, most) {
  const kept = map.get(symbol) ?? [];
  kept.push(...things);
  if (kept.length > most) kept.splice(0, kept.length - most);
  map.set(symbol, kept);
}

function choose(symbol) {
  shown = symbol;
  for (const button of $("pick").children) button.setAttribute("aria-pressed", button.textContent === symbol);
  drawLines();
  if (series) series.clear();
  drawCandles(candles.get(shown) ?? []);
}

function offer(symbols) {
  const there = new Set([...$("pick").children].map((b) => b.textContent));
  for (const symbol of symbols) {
    if (there.has(symbol)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = symbol;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => choose(symbol));
    $("pick").append(button);
  }
  if (shown === null && symbols.length) choose(symbols[0]);
}

// A sample: milliseconds, price, half the width of its interval, the price of each provider, who was left out.
function drawLines() {
  const kept = samples.get(shown) ?? [];
  const names = [...new Set(kept.flatMap((s) => Object.keys(s[3])))].sort();
  const bound = (sign) => kept.map(([, price, half]) => (price === null || half === null ? null : price + sign * half));
  const data = [
    kept.map((s) => s[0] / 1000),
    bound(-1),
    bound(1),
    kept.map((s) => s[1]),
    ...names.map((name) => kept.map((s) => s[3][name] ?? null)),
  ];
  crossed = [];
  extent = new Extent();  // of what is believed: a liar must not press everybody else flat
  kept.forEach(([at, , , prices, out], k) => {
    for (const column of [1, 2, 3]) if (data[column][k] !== null) extent.add(data[column][k]);
    for (const [name, price] of Object.entries(prices)) {
      if (out.includes(name)) crossed.push([at / 1000, price]);
      else extent.add(price);
    }
  });
  const wanted = [shown, ...names].join();
  if (wanted !== drawn) {
    if (lines) lines.destroy();
    lines = linePlot({
      at: $("lines"), legend: $("legend"), height: 260, ink: color("--soft"), line: color("--line"),
      bands: [{ series: [2, 1], fill: "rgba(47, 126, 216, 0.15)" }],
      series: [
        boundOf("low"),
        boundOf("high"),
        lineOf("consensus", color("--text"), 2),
        ...names.map((name, k) => lineOf(name, LINE_COLORS[k % LINE_COLORS.length], 1)),
      ],
      range: () => extent.range,
      draw: { draw: [(plot) => cross(plot, crossed)] },
    }, data);
    drawn = wanted;
  } else if (lines) {
    lines.setData(data);
  }
}

function drawCandles(rows) {
  if (!chart) {
    chart = candleChart($("candles"), { ink: color("--soft"), line: color("--line") });
    series = new Candles(chart, CANDLES);
  }
  series.add(rows);
}

function tell(entries) {
  const log = $("log");
  for (const [ts, kind, provider, text] of entries) {
    const li = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date(ts / 1e6).toISOString().slice(11, 23);
    const what = document.createElement("span");
    what.textContent = kind;
    what.className = kind === "status" ? "" : kind === "gap" ? "warn" : "bad";
    const who = document.createElement("strong");
    who.textContent = provider;
    const more = document.createElement("span");
    more.textContent = text;
    li.append(time, what, who, more);
    log.prepend(li);
  }
  while (log.children.length > ENTRIES) log.lastChild.remove();
}

function take(news) {
  fill($("providers"), news.providers.map((p) => [
    [p.name], [p.status ?? "–", "text " + (p.status ? tone(p.status) : "")], [fixed(p.lag, 1)], [count(p.events)],
    [count(p.reconnects)], [count(p.gaps)], [count(p.errors)],
  ]));
  fill($("symbols"), news.symbols.map((s) => [
    [s.symbol], [written(s.price)], [s.price === null ? "–" : fixed(s.half_width, digitsOf(s.price))],
    [s.confidence === null ? "–" : (100 * s.confidence).toFixed(0) + " %"],
    [s.status, "text " + tone(s.status)], [s.used.join(", ") || "–", "text names"],
    [Object.entries(s.excluded).map(([p, why]) => `${p} (${why})`).join(", ") || "–", "text names"],
  ]));
  for (const [symbol, new_] of Object.entries(news.samples)) keep(samples, symbol, new_, SAMPLES);
  for (const [symbol, new_] of Object.entries(news.candles)) keep(candles, symbol, new_, CANDLES);
  tell(news.log);
  offer(news.symbols.map((s) => s.symbol));
  drawLines();
  drawCandles(news.candles[shown] ?? []);
  if (news.failure) say("ended: " + news.failure, "bad");
  else say(news.ended ? "ended" : "live");
}

function say(text, kind = "") {
  set($("state"), text, kind);
}

function forget() {
  // The server tells a new connection all it has kept.
  samples.clear();
  candles.clear();
  if (series) series.clear();
  $("log").replaceChildren();
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/feed`);
  socket.onopen = forget;
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    say("disconnected, trying again", "bad");
    setTimeout(connect, 2000);
  };
}

new ResizeObserver(() => { if (lines) lines.setSize({ width: $("lines").clientWidth, height: 260 }); }).observe($("lines"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn = "";
  if (chart) chart.remove();
  chart = null;
  drawLines();
  drawCandles(candles.get(shown) ?? []);
});
$("candles").after(credit());
connect();
