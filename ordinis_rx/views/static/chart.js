// Lines and bands by uPlot, candles by Lightweight Charts; they and drawing.js stand above this in the same module.
const GRID = "rgba(128, 128, 128, 0.25)", SHADE = "rgba(196, 52, 43, 0.15)", MOST_GAPS = 100;

function render({ model, el }) {
  const part = (name) => {
    const made = document.createElement("div");
    made.className = name;
    return made;
  };
  const root = part("ordinis"), failure = part("failure");
  const linesAt = part("lines"), legend = part("legend"), candlesAt = part("candles");
  failure.setAttribute("role", "status");
  root.append(failure, linesAt, legend);
  el.append(root);

  const series = new Map(), candles = new Map();
  let gaps = [], names = [], lines = null, drawn = "", chart = null, crossed = [], extent = new Extent();

  function take(told, blocks) {
    if (told.all) {
      series.clear();
      candles.forEach((each) => each.clear());
      gaps = [];
    }
    gaps = [...gaps, ...told.gaps].slice(-MOST_GAPS);
    names = told.left_out;
    told.series.forEach(({ name, shape, rows }, k) => {
      const view = blocks[k];
      const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
      const flat = new Float64Array(bytes), width = flat.length / rows;
      const fresh = Array.from({ length: rows }, (_, i) => flat.subarray(i * width, (i + 1) * width));
      if (shape === "candles") {
        drawCandles(name, fresh, told.most);
        return;
      }
      const kept = series.get(name) ?? { shape, rows: [] };
      kept.rows = inOrder(kept.rows, fresh).slice(-told.most);
      series.set(name, kept);
    });
    if (series.size) drawLines();
  }

  // One row a moment, the newest that was told of it; a late one waits for nobody.
  function inOrder(kept, fresh) {
    for (const row of fresh) {
      const last = kept.at(-1);
      if (last && row[0] < last[0]) continue;
      if (last && row[0] === last[0]) kept.pop();
      kept.push(row);
    }
    return kept;
  }

  const known = (value) => (Number.isNaN(value) ? null : value);

  function drawLines() {
    const named = [...series];
    const data = uPlot.join(named.map(([, { shape, rows }]) => [
      rows.map((row) => row[0]),
      rows.map((row) => row[1]),
      ...(shape === "band" ? [rows.map((row) => known(row[1] - row[2])), rows.map((row) => known(row[1] + row[2]))] : []),
    ]));
    mark();
    const wanted = named.map(([name]) => name).join("\u0000");
    const ink = getComputedStyle(root).color;
    if (wanted + ink === drawn) {
      lines.setData(data);
      return;
    }
    if (lines) lines.destroy();
    const list = [], bands = [];
    named.forEach(([name, { shape }], k) => {
      const stroke = LINE_COLORS[k % LINE_COLORS.length];
      list.push(lineOf(name, stroke, shape === "band" ? 2 : 1));
      if (shape !== "band") return;
      list.push(boundOf("low"), boundOf("high"));
      bands.push({ series: [list.length, list.length - 1], fill: stroke + "33" });
    });
    lines = linePlot({
      at: linesAt, legend, height: 280, ink, line: GRID, bands, series: list,
      range: () => extent.range,
      draw: { drawClear: [shade], draw: [(plot) => cross(plot, crossed)] },
    }, data);
    drawn = wanted + ink;
  }

  // Crosses over what a consensus left out: at the provider's own price where its line is here, else on the consensus. The
  // picture then holds what is believed; a liar must not press everybody else flat.
  function mark() {
    crossed = [];
    extent = new Extent();
    const out = new Map();
    for (const [name, { shape, rows }] of series) {
      if (shape !== "band") continue;
      const symbol = name.slice(0, name.lastIndexOf(" "));
      const here = names.map((who) => ["mid", "price"].map((what) => `${symbol} ${who} ${what}`).filter((it) => series.has(it)));
      for (const row of rows) {
        const half = Number.isNaN(row[2]) ? 0 : row[2];
        extent.add(row[1] - half);
        extent.add(row[1] + half);
        let bits = row[3], alone = false;
        for (const ours of here) {
          const isOut = bits % 2 === 1;
          bits = Math.floor(bits / 2);
          for (const it of ours) {
            if (!out.has(it)) out.set(it, []);
            out.get(it).push([row[0], isOut]);
          }
          if (isOut && !ours.length) alone = true;
        }
        if (alone) crossed.push([row[0], row[1]]);
      }
    }
    for (const [name, { shape, rows }] of series) {
      if (shape === "band") continue;
      const turns = out.get(name) ?? [];
      let k = 0, isOut = false;
      for (const [at, price] of rows) {
        while (k < turns.length && turns[k][0] <= at) isOut = turns[k++][1];
        if (isOut) crossed.push([at, price]);
        else extent.add(price);
      }
    }
  }

  function shade(plot) {
    const { left, top, width, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.fillStyle = SHADE;
    for (const [from, to] of gaps) {
      const begin = Math.max(plot.valToPos(from, "x", true), left);
      const end = Math.min(plot.valToPos(to, "x", true), left + width);
      if (end > begin) plot.ctx.fillRect(begin, top, end - begin, height);
    }
    plot.ctx.restore();
  }

  function drawCandles(name, rows, most) {
    if (!chart) {
      root.append(candlesAt, credit());
      chart = candleChart(candlesAt, { ink: getComputedStyle(root).color, line: GRID });
    }
    if (!candles.has(name)) candles.set(name, new Candles(chart, most, name));
    candles.get(name).add(rows);
  }

  const fail = () => { failure.textContent = model.get("failure"); };
  const fit = new ResizeObserver(() => {
    if (lines && linesAt.clientWidth) lines.setSize({ width: linesAt.clientWidth, height: 280 });
  });
  fit.observe(linesAt);
  model.on("msg:custom", take);
  model.on("change:failure", fail);
  fail();
  model.send({ opened: true });
  return () => {
    fit.disconnect();
    model.off("msg:custom", take);
    model.off("change:failure", fail);
    if (lines) lines.destroy();
    if (chart) chart.remove();
  };
}

export default { render };
