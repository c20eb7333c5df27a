// Lines and bands by uPlot, candles by Lightweight Charts; both stand above this in the same module.
const COLORS = ["#2f7ed8", "#e07b00", "#8a56c6", "#1a9e8f", "#c2407c", "#7a7f00"];

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "ordinis";
  const failure = document.createElement("div");
  failure.className = "failure";
  const linesAt = document.createElement("div"), candlesAt = document.createElement("div");
  root.append(failure, linesAt, candlesAt);
  el.append(root);

  const series = new Map();
  let gaps = [], lines = null, drawn = "", chart = null;
  const candles = new Map();

  function take(told, blocks) {
    if (told.all) {
      series.clear();
      gaps = [];
    }
    gaps.push(...told.gaps);
    told.series.forEach(({ name, shape, rows }, k) => {
      const view = blocks[k];
      const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
      const flat = new Float64Array(bytes), width = rows ? flat.length / rows : 0;
      const kept = series.get(name) ?? { shape, rows: [] };
      for (let i = 0; i < rows; i++) kept.rows.push(flat.subarray(i * width, (i + 1) * width));
      if (kept.rows.length > told.most) kept.rows.splice(0, kept.rows.length - told.most);
      series.set(name, kept);
      if (shape === "candles") drawCandles(name, told.all ? kept.rows : kept.rows.slice(-rows));
    });
    drawLines();
  }

  function drawLines() {
    const named = [...series].filter(([, s]) => s.shape !== "candles" && s.rows.length);
    if (!named.length) return;
    const tables = named.map(([, s]) => {
      const x = [], columns = s.shape === "band" ? [[], [], []] : [[]];
      for (const row of s.rows) {
        if (x.length && row[0] <= x[x.length - 1]) {  // one row a moment; a late one waits for nobody
          if (row[0] < x[x.length - 1]) continue;
          x.pop();
          columns.forEach((c) => c.pop());
        }
        x.push(row[0]);
        columns[0].push(row[1]);
        if (s.shape === "band") {
          columns[1].push(row[1] - row[2]);
          columns[2].push(row[1] + row[2]);
        }
      }
      return [x, ...columns];
    });
    const data = uPlot.join(tables);
    const wanted = named.map(([name]) => name).join("|");
    if (wanted !== drawn) {
      if (lines) lines.destroy();
      const list = [{}], bands = [];
      named.forEach(([name, s], k) => {
        const stroke = COLORS[k % COLORS.length], common = { spanGaps: true, points: { show: false } };
        list.push({ label: name, stroke, width: s.shape === "band" ? 2 : 1, ...common });
        if (s.shape === "band") {
          const at = list.length;
          list.push({ label: name + " low", stroke: "transparent", ...common }, { label: name + " high", stroke: "transparent", ...common });
          bands.push({ series: [at + 1, at], fill: stroke + "33" });
        }
      });
      const ink = getComputedStyle(root).color, grid = { stroke: "rgba(128,128,128,0.25)" };
      lines = new uPlot({
        width: root.clientWidth || 800, height: 280, series: list, bands,
        axes: [{ stroke: ink, grid }, { stroke: ink, grid, size: 64 }],
        hooks: { drawClear: [shade] },
      }, data, linesAt);
      drawn = wanted;
    } else {
      lines.setData(data);
    }
  }

  function shade(u) {
    u.ctx.save();
    u.ctx.fillStyle = "rgba(196, 52, 43, 0.15)";
    for (const [from, to] of gaps) {
      const left = Math.max(u.valToPos(from, "x", true), u.bbox.left);
      const right = Math.min(u.valToPos(to, "x", true), u.bbox.left + u.bbox.width);
      if (right > left) u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    }
    u.ctx.restore();
  }

  function drawCandles(name, rows) {
    if (!chart) {
      candlesAt.className = "candles";
      chart = LightweightCharts.createChart(candlesAt, {
        autoSize: true,
        layout: { background: { color: "transparent" }, textColor: getComputedStyle(root).color },
        timeScale: { timeVisible: true, secondsVisible: true },
      });
    }
    let drawnAs = candles.get(name);
    if (!drawnAs) {
      drawnAs = { series: chart.addSeries(LightweightCharts.CandlestickSeries, { title: name }), last: -Infinity };
      candles.set(name, drawnAs);
    }
    for (const [time, open, high, low, close] of rows) {
      if (time < drawnAs.last) continue;
      drawnAs.series.update({ time, open, high, low, close });
      drawnAs.last = time;
    }
  }

  const fail = () => { failure.textContent = model.get("failure"); };
  model.on("msg:custom", take);
  model.on("change:failure", fail);
  fail();
  model.send({ opened: true });
  return () => {
    model.off("msg:custom", take);
    model.off("change:failure", fail);
    if (lines) lines.destroy();
    if (chart) chart.remove();
  };
}

export default { render };
