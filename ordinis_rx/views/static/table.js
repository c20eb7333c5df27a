// One row a kind, symbol and provider.
function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "ordinis";
  const failure = document.createElement("div");
  failure.className = "failure";
  const scroll = document.createElement("div"), table = document.createElement("table");
  scroll.className = "scroll";
  const head = table.createTHead().insertRow(), body = table.createTBody();
  for (const name of ["fact", "symbol", "provider", "time", ""]) {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = name;
    head.append(th);
  }
  scroll.append(table);
  root.append(failure, scroll);
  el.append(root);
  const rows = new Map();

  function take(told) {
    if (told.all) {
      rows.clear();
      body.replaceChildren();
    }
    for (const cells of told.rows) {
      const key = cells.slice(0, 3).join("\u0000");
      let tr = rows.get(key);
      if (!tr) {
        if (rows.size >= told.most) {
          const [first, gone] = rows.entries().next().value;
          gone.remove();
          rows.delete(first);
        }
        tr = body.insertRow();
        cells.forEach(() => tr.insertCell());
        rows.set(key, tr);
      }
      cells.forEach((text, k) => { if (tr.cells[k].textContent !== text) tr.cells[k].textContent = text; });
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
  };
}

export default { render };
