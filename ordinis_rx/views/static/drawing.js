// What the dashboard and the charts of notebooks share: how times and prices are written, the time axis, candles and marks.
// uPlot and Lightweight Charts stand above this.
const LINE_COLORS = ["#2f7ed8", "#e07b00", "#8a56c6", "#1a9e8f", "#c2407c", "#7a7f00"];
const LEFT_OUT_COLOR = "#d33a2c";
const DAY = 86400;

// Six digits that count, as far as that makes sense: 61234.50, 479.975, 1.08512, 0.0000123400.
function digitsOf(price) {
  const size = Math.abs(price);
  return size > 0 ? Math.min(10, Math.max(2, 6 - Math.ceil(Math.log10(size)))) : 2;
}

const written = (price) => (price === null || price === undefined ? "–" : price.toFixed(digitsOf(price)));

// Times are UTC everywhere, as in the facts.
function clock(seconds, step) {
  const told = new Date(seconds * 1000).toISOString();
  return step >= DAY ? told.slice(0, 10) : step >= 60 ? told.slice(11, 16) : step >= 1 ? told.slice(11, 19) : told.slice(11, 23);
}

const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

const timeSeries = { label: "UTC", value: (_, at) => (at === null || at === undefined ? "–" : clock(at, 0)) };

// The date stands under the first mark of each day.
function timeMarks(_, marks, __, ___, step) {
  let day = "";
  return marks.map((at) => {
    const today = clock(at, DAY), text = clock(at, step);
    if (step >= DAY || today === day) return text;
    day = today;
    return `${text}\n${today}`;
  });
}

// A click on a legend's entry hides its line; so do Enter and Space. A band has no entry of its own.
function openLegend(plot, legend) {
  legend.querySelectorAll(".u-series").forEach((entry, k) => {
    const of = plot.series[k], label = entry.querySelector("th");
    if (of.bound) entry.style.display = "none";
    if (k === 0 || of.bound) return;
    label.tabIndex = 0;
    label.setAttribute("role", "button");
    label.setAttribute("aria-pressed", "true");
    label.addEventListener("click", () => label.setAttribute("aria-pressed", String(of.show)));
    label.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      label.click();
    });
  });
}

// Lines of uPlot with their legend beside them, in *at* and *legend*.
function linePlot({ at, legend, height, series, bands, ink, line, range, draw }, data) {
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const plot = new uPlot({
    width: at.clientWidth || 600, height, bands, series: [timeSeries, ...series],
    tzDate: utc,
    cursor: { drag: { x: false, y: false } },
    legend: { mount: (_, table) => legend.replaceChildren(table) },
    scales: { y: { range: (u, low, high) => range() ?? uPlot.rangeNum(low ?? 0, high ?? 1, 0.1, true) } },
    axes: [{ ...axis, values: timeMarks, space: 70 }, { ...axis, size: 72 }],
    hooks: draw,
  }, data, at);
  openLegend(plot, legend);
  return plot;
}

const quiet = { points: { show: false }, spanGaps: true };
const lineOf = (label, stroke, width) => ({ label, stroke, width, value: (_, price) => written(price), ...quiet });
const boundOf = (label) => ({ label, stroke: "transparent", bound: true, ...quiet });

// Crosses over *points*, [seconds, price] each; what is off the picture is marked at its edge.
function cross(plot, points) {
  const { left, top, width, height } = plot.bbox, ratio = devicePixelRatio, arm = 3 * ratio;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = LEFT_OUT_COLOR;
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  for (const [at, price] of points) {
    const x = plot.valToPos(at, "x", true);
    if (x < left || x > left + width) continue;
    const y = Math.min(top + height - arm, Math.max(top + arm, plot.valToPos(price, "y", true)));
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x - arm, y + arm);
    ctx.lineTo(x + arm, y - arm);
  }
  ctx.stroke();
  ctx.restore();
}

// The least and the greatest of what is told, with some air around it; null where nothing was.
class Extent {
  low = Infinity;
  high = -Infinity;

  add(price) {
    if (price < this.low) this.low = price;
    if (price > this.high) this.high = price;
  }

  get range() {
    if (this.low > this.high) return null;
    const air = 0.1 * (this.high - this.low) || 10 ** -digitsOf(this.high);
    return [this.low - air, this.high + air];
  }
}

function candleChart(at, { ink, line }) {
  return LightweightCharts.createChart(at, {
    autoSize: true,
    layout: { background: { color: "transparent" }, textColor: ink, attributionLogo: false },  // it is named in words
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    timeScale: { timeVisible: true, secondsVisible: true, borderColor: line },
    rightPriceScale: { borderColor: line },
    handleScroll: { mouseWheel: false, vertTouchDrag: false },  // they scroll the page
    handleScale: { mouseWheel: false },
  });
}

// The candles of one symbol; the newest *most* of them are kept.
class Candles {
  constructor(chart, most, title = "") {
    this.most = most;
    this.kept = [];
    this.series = chart.addSeries(LightweightCharts.CandlestickSeries, { title });
  }

  add(rows) {
    for (const [time, open, high, low, close] of rows) {
      const last = this.kept.at(-1), candle = { time, open, high, low, close };
      if (last && time < last.time) continue;
      if (!last) this.write(close);
      if (last && time === last.time) this.kept.pop();
      this.kept.push(candle);
      this.series.update(candle);
    }
    if (this.kept.length > 1.5 * this.most) {
      this.kept.splice(0, this.kept.length - this.most);
      this.series.setData(this.kept);
    }
  }

  clear() {
    this.kept = [];
    this.series.setData([]);
  }

  write(price) {
    const precision = digitsOf(price);
    this.series.applyOptions({ priceFormat: { type: "price", precision, minMove: 10 ** -precision } });
  }
}

function credit() {
  const link = document.createElement("a");
  link.href = "https://www.tradingview.com/";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = "Lightweight Charts™ by TradingView";
  const said = document.createElement("p");
  said.className = "credit";
  said.append("Candles by ", link);
  return said;
}
