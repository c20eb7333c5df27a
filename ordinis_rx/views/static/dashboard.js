"use strict";
// Draws what the server tells, four times a second. Keeps no more than the server does.

const SAMPLES = 480, CANDLES = 600, ENTRIES = 300;
const COLORS = ["#2f7ed8", "#e07b00", "#8a56c6", "#1a9e8f", "#c2407c", "#7a7f00"];
const LIVE = new Set(["CONNECTED"]), BROKEN = new Set(["ERROR", "CLOSED", "NO_QUORUM", "NO_CONSENSUS"]);

const $ = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const fixed = (x, digits) => (x === null || x === undefined ? "–" : x.toFixed(digits));
const count = (x) => x.toLocaleString("en");
const tone = (status) => (LIVE.has(status) || status === "OK" ? "good" : BROKEN.has(status) ? "bad" : "warn");

const samples = new Map(), candles = new Map();
let shown = null, lines = null, drawn = "", chart = null, series = null, lastCandle = 0;

function row(cells) {
  const tr = document.createElement("tr");
  for (const [text, kind] of cells) {
    const td = document.createElement("td");
    td.textContent = text;
    if (kind) td.className = kind;
    tr.append(td);
  }
  return tr;
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
  lastCandle = 0;
  if (series) series.setData([]);
  drawCandles();
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

function drawLines() {
  const kept = samples.get(shown) ?? [];
  const names = [...new Set(kept.flatMap((s) => Object.keys(s[3])))].sort();
  const data = [
    kept.map((s) => s[0] / 1000),
    kept.map((s) => (s[1] === null || s[2] === null ? null : s[1] - s[2])),
    kept.map((s) => (s[1] === null || s[2] === null ? null : s[1] + s[2])),
    kept.map((s) => s[1]),
    ...names.map((name) => kept.map((s) => s[3][name] ?? null)),
  ];
  const wanted = [shown, ...names].join();
  if (wanted !== drawn) {
    if (lines) lines.destroy();
    const text = color("--soft"), grid = { stroke: color("--line"), width: 1 };
    const axis = { stroke: text, grid, ticks: grid };
    const two = (u, v) => fixed(v, 3);
    lines = new uPlot({
      width: $("lines").clientWidth || 600,
      height: 260,
      cursor: { drag: { x: false, y: false } },
      bands: [{ series: [2, 1], fill: "rgba(47, 126, 216, 0.15)" }],
      axes: [axis, { ...axis, size: 64 }],
      series: [
        {},
        { label: "low", stroke: "transparent", points: { show: false }, value: two },
        { label: "high", stroke: "transparent", points: { show: false }, value: two },
        { label: "consensus", stroke: color("--text"), width: 2, points: { show: false }, value: two },
        ...names.map((name, k) => ({ label: name, stroke: COLORS[k % COLORS.length], width: 1, points: { show: false }, value: two })),
      ],
    }, data, $("lines"));
    drawn = wanted;
  } else if (lines) {
    lines.setData(data);
  }
}

function drawCandles() {
  if (!chart) {
    chart = LightweightCharts.createChart($("candles"), {
      autoSize: true,
      layout: { background: { color: "transparent" }, textColor: color("--soft") },
      grid: { vertLines: { color: color("--line") }, horzLines: { color: color("--line") } },
      timeScale: { timeVisible: true, secondsVisible: true, borderColor: color("--line") },
      rightPriceScale: { borderColor: color("--line") },
    });
    series = chart.addSeries(LightweightCharts.CandlestickSeries);
  }
  for (const [time, open, high, low, close] of candles.get(shown) ?? []) {
    if (time > lastCandle) {
      series.update({ time, open, high, low, close });
      lastCandle = time;
    }
  }
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
  $("providers").replaceChildren(...news.providers.map((p) => row([
    [p.name], [p.status, "text " + tone(p.status)], [fixed(p.lag, 1)], [count(p.events)],
    [count(p.reconnects)], [count(p.gaps)], [count(p.errors)],
  ])));
  $("symbols").replaceChildren(...news.symbols.map((s) => row([
    [s.symbol], [fixed(s.price, 3)], [fixed(s.half_width, 3)],
    [s.confidence === null ? "–" : (100 * s.confidence).toFixed(0) + " %"],
    [s.status, "text " + tone(s.status)], [s.used.join(", "), "text"],
    [Object.entries(s.excluded).map(([p, why]) => `${p} (${why})`).join(", ") || "–", "text"],
  ])));
  for (const [symbol, new_] of Object.entries(news.samples)) keep(samples, symbol, new_, SAMPLES);
  for (const [symbol, new_] of Object.entries(news.candles)) keep(candles, symbol, new_, CANDLES);
  tell(news.log);
  offer(news.symbols.map((s) => s.symbol));
  drawLines();
  drawCandles();
  say(news.failure ? "ended: " + news.failure : "live", news.failure !== "");
}

function say(text, bad) {
  $("state").textContent = text;
  $("state").className = bad ? "bad" : "";
}

function forget() {
  // The server tells a new connection all it has kept.
  samples.clear();
  candles.clear();
  lastCandle = 0;
  if (series) series.setData([]);
  $("log").replaceChildren();
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/feed`);
  socket.onopen = forget;
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    say("disconnected, trying again", true);
    setTimeout(connect, 2000);
  };
}

addEventListener("resize", () => { if (lines) lines.setSize({ width: $("lines").clientWidth, height: 260 }); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn = "";
  if (chart) { chart.remove(); chart = null; lastCandle = 0; }
  drawLines();
  drawCandles();
});
connect();
