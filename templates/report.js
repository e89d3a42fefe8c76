// The pictures of a report: what is drawn follows the selectors, and a click shows a work item.
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const axes = data.axes, shape = axes.map(a => a.values.length);
  const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
  const nItem = shape.reduce((a, b) => a * b, 1);
  const CELL = { colorscale: "Viridis", plain: "#0072b2", colours: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] };
  const FONT = { size: 12 }, CONFIG = { responsive: true, displaylogo: false };
  const MOST_ROWS = 1000, ROWS_AT_ONCE = 50;
  const get = id => document.getElementById(id);

  // ---- data

  function bytesOf(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
    return bytes;
  }
  const floats = text => new Float32Array(bytesOf(text).buffer);
  const measures = data.measures.map(m => ({ ...m, values: floats(m.values) }));
  const measure = name => measures.find(m => m.name === name);
  const done = data.done === null ? null : bytesOf(data.done);
  const isDone = item => done === null || done[item] === 1;
  const placeOf = item => strides.map((s, k) => Math.floor(item / s) % shape[k]);
  const itemOf = place => place.reduce((sum, index, k) => sum + index * strides[k], 0);
  const finite = v => (Number.isFinite(v) ? v : null);

  // ---- texts

  // Plotly takes some elements of HTML in its texts; a label is none.
  const plain = text => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const number = v => (Number.isFinite(v) ? String(parseFloat(v.toPrecision(5))) : "–");
  const withUnit = thing => (thing.unit ? `${thing.name} (${thing.unit})` : thing.name);
  const title = thing => ({ text: plain(withUnit(thing)), font: FONT });

  function element(tag, text, attributes) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return Object.assign(made, attributes || {});
  }

  function select(id, names, chosen, change) {
    const box = get(id);
    box.replaceChildren(...names.map(name => element("option", name, { value: name, selected: name === chosen })));
    box.value = chosen;
    box.addEventListener("change", change);
  }

  // ---- cells

  const order = axis => axis.values.map((_, k) => k).sort((a, b) => axis.values[a] - axis.values[b]);

  // Whether rising values are spaced rather by a factor than by a difference.
  function isLogarithmic(values) {
    if (values.length < 3 || values[0] <= 0 || values[values.length - 1] < 8 * values[0]) return false;
    const spread = steps => {
      const mean = steps.reduce((a, b) => a + b, 0) / steps.length;
      return Math.sqrt(steps.reduce((a, b) => a + (b - mean) ** 2, 0) / steps.length) / mean;
    };
    const steps = by => values.slice(1).map((v, k) => by(v, values[k]));
    return spread(steps((b, a) => Math.log(b / a))) < spread(steps((b, a) => b - a));
  }

  function edges(values, logarithmic) {
    const v = logarithmic ? values.map(Math.log) : values, n = v.length;
    let found;
    if (n === 1) {
      const half = 0.5 * Math.abs(v[0]) || 0.5;
      found = [v[0] - half, v[0] + half];
    } else {
      const middles = v.slice(1).map((b, k) => (b + v[k]) / 2);
      found = [2 * v[0] - middles[0], ...middles, 2 * v[n - 1] - middles[n - 2]];
    }
    return logarithmic ? found.map(Math.exp) : found;
  }

  // ---- the map

  const state = {
    x: data.view.x, y: data.view.y, measure: data.view.measure, place: shape.map(size => Math.floor(size / 2)), item: null,
  };
  const index = name => axes.findIndex(a => a.name === name);
  let shownItems = [];

  function layoutAxis(axis) {
    const values = [...axis.values].sort((a, b) => a - b), logarithmic = isLogarithmic(values);
    return { title: title(axis), type: logarithmic ? "log" : "linear", zeroline: false, showgrid: false };
  }

  function drawMap() {
    if (!axes.length) return;
    const shown = measure(state.measure);
    get("about-measure").textContent = shown.description;
    if (state.y === null) drawLine(shown); else drawHeatMap(shown);
    drawHeldTexts();
  }

  function drawHeatMap(shown) {
    const a = index(state.x), b = index(state.y), orders = [order(axes[a]), order(axes[b])];
    const sorted = orders.map((o, k) => o.map(i => axes[k ? b : a].values[i]));
    const logarithmic = sorted.map(isLogarithmic);
    const bounds = sorted.map((v, k) => edges(v, logarithmic[k]));
    shownItems = orders[1].map(row => orders[0].map(column => {
      const place = [...state.place];
      place[a] = column; place[b] = row;
      return itemOf(place);
    }));
    const z = shownItems.map(row => row.map(item => finite(shown.values[item])));
    const texts = shownItems.map((row, j) => row.map((item, i) =>
      `${plain(axes[a].name)} = ${number(sorted[0][i])}<br>${plain(axes[b].name)} = ${number(sorted[1][j])}<br>` +
      `${plain(withUnit(shown))}: ${number(shown.values[item])}<br>work item ${item}`));
    const trace = {
      type: "heatmap", x: bounds[0], y: bounds[1], z, text: texts, hoverinfo: "text", colorscale: CELL.colorscale,
      colorbar: { title: { text: plain(shown.unit), font: FONT } },
    };
    if (get("same-colours").checked) [trace.zmin, trace.zmax] = range(shown.values);
    const waiting = shownItems.map(row => row.map(item => (isDone(item) ? null : 1)));
    const gaps = {
      type: "heatmap", x: bounds[0], y: bounds[1], z: waiting, showscale: false, hoverinfo: "skip",
      colorscale: [[0, "#ffffff"], [1, "#ffffff"]],
    };
    const layout = {
      xaxis: layoutAxis(axes[a]), yaxis: layoutAxis(axes[b]), plot_bgcolor: "#cccccc",
      margin: { t: 20, r: 20 }, showlegend: false, font: FONT,
    };
    const traces = [trace, ...(done === null ? [] : [gaps]), marks(sorted, item => item in data.series.items, "circle-open", 8),
      marks(sorted, item => item === state.item, "x", 12)];
    draw("map", traces, layout, point => {
      const place = point.pointIndex || point.pointNumber;
      return shownItems[place[0]][place[1]];
    });
  }

  function marks(sorted, wanted, symbol, size) {
    const x = [], y = [];
    shownItems.forEach((row, j) => row.forEach((item, i) => {
      if (wanted(item)) { x.push(sorted[0][i]); y.push(sorted[1][j]); }
    }));
    return { type: "scatter", mode: "markers", x, y, hoverinfo: "skip", marker: { symbol, size, color: "#ffffff", line: { width: 2, color: "#d55e00" } } };
  }

  function drawLine(shown) {
    const a = index(state.x), o = order(axes[a]);
    shownItems = o.map(k => { const place = [...state.place]; place[a] = k; return itemOf(place); });
    const x = o.map(k => axes[a].values[k]);
    const trace = {
      type: "scatter", mode: "lines+markers", x, y: shownItems.map(item => finite(shown.values[item])),
      text: shownItems.map((item, k) => `${plain(axes[a].name)} = ${number(x[k])}<br>${number(shown.values[item])}<br>work item ${item}`),
      hoverinfo: "text", line: { color: CELL.plain },
      marker: { size: 8, symbol: shownItems.map(item => (item in data.series.items ? "circle-open" : "circle")) },
    };
    draw("map", [trace], { xaxis: layoutAxis(axes[a]), yaxis: { title: title(shown) }, margin: { t: 20, r: 20 }, font: FONT },
      point => shownItems[point.pointNumber]);
  }

  function range(values) {
    let low = Infinity, high = -Infinity;
    for (const v of values) if (Number.isFinite(v)) { if (v < low) low = v; if (v > high) high = v; }
    return low <= high ? [low, high] : [0, 1];
  }

  function draw(id, traces, layout, itemAt) {
    const box = get(id);
    Plotly.react(box, traces, layout, CONFIG);
    if (itemAt) {
      box.removeAllListeners("plotly_click");
      box.on("plotly_click", event => showItem(itemAt(event.points[0])));
    }
  }

  // ---- sliders for the axes that are not shown

  function buildSliders() {
    const rows = axes.map((axis, k) => {
      if (axis.name === state.x || axis.name === state.y || shape[k] === 1) return null;
      const row = element("label", undefined, { className: "slider" });
      const input = element("input", undefined, { type: "range", min: 0, max: shape[k] - 1, step: 1 });
      input.dataset.axis = axis.name;
      const rising = order(axis);
      input.value = rising.indexOf(state.place[k]);
      input.addEventListener("input", () => { state.place[k] = rising[Number(input.value)]; drawMap(); });
      row.append(input, element("output", ""));
      return row;
    });
    get("sliders").replaceChildren(...rows.filter(row => row !== null));
  }

  function drawHeldTexts() {
    for (const row of get("sliders").children) {
      const k = index(row.firstChild.dataset.axis);
      row.lastChild.textContent = axisText(k, state.place[k]);
    }
  }

  const axisText = (k, at) => `${axes[k].name} = ${number(axes[k].values[at])} ${axes[k].unit}`.trim();

  function chooseAxis(which, other) {
    const chosen = get(which).value;
    // the axis that the other selector shows changes places with this one
    if (chosen === state[other]) { state[other] = state[which]; get(other).value = state[other]; }
    state[which] = chosen;
    buildSliders();
    drawMap();
  }

  // ---- one work item

  function showItem(item) {
    state.item = item;
    drawMap();
    const place = placeOf(item), values = axes.map((_, k) => axisText(k, place[k])).join(", ");
    get("item").textContent = `Work item ${item}${values ? ": " + values : ""}`;
    const rows = measures.map(m => {
      const row = element("tr");
      row.append(element("td", m.name), element("td", number(m.values[item])), element("td", m.unit));
      return row;
    });
    get("item-measures").replaceChildren(...rows);
    const embedded = data.series.items[item];
    get("series").hidden = get("connectivity").hidden = !embedded;
    get("again").hidden = Boolean(embedded);
    get("item-box").hidden = false;
    if (embedded) {
      drawSeries(embedded);
      drawConnectivity(embedded);
    } else {
      get("command").textContent = isDone(item) ? data.command + item : "This work item is not done yet.";
    }
  }

  function matrix(values, columns) {
    const rows = [];
    for (let k = 0; k < values.length; k += columns) rows.push(Array.from(values.subarray(k, k + columns), finite));
    return rows;
  }

  function drawSeries(embedded) {
    const exposures = data.series.exposures, withNodes = embedded.nodes !== null, layout = { font: FONT, margin: { t: 30 }, showlegend: false };
    const traces = [], n = exposures.length * (withNodes ? 2 : 1), high = 1 / n;
    exposures.forEach((exposure, k) => {
      const suffix = part => (part === 0 ? "" : String(part + 1));
      const slot = part => { const top = 1 - part * high; return [top - 0.82 * high, top]; };
      const first = k * (withNodes ? 2 : 1);
      layout["yaxis" + suffix(first)] = { domain: slot(first), title: title(exposure) };
      layout["xaxis" + suffix(first)] = { anchor: "y" + suffix(first), matches: first ? "x" : undefined };
      traces.push({
        type: "scatter", mode: "lines", x: data.series.times, y: Array.from(floats(embedded.means[k]), finite), line: { color: CELL.colours[k % 6], width: 1.2 },
        xaxis: "x" + suffix(first), yaxis: "y" + suffix(first), name: plain(exposure.name) + ", mean over nodes",
      });
      if (withNodes) {
        layout["yaxis" + suffix(first + 1)] = { domain: slot(first + 1), title: { text: "node", font: FONT } };
        layout["xaxis" + suffix(first + 1)] = { anchor: "y" + suffix(first + 1), matches: "x" };
        traces.push({
          type: "heatmap", x: data.series.node_times, z: matrix(floats(embedded.nodes[k]), data.series.node_times.length), colorscale: CELL.colorscale,
          colorbar: { y: (slot(first + 1)[0] + slot(first + 1)[1]) / 2, len: high, title: title(exposure) },
          xaxis: "x" + suffix(first + 1), yaxis: "y" + suffix(first + 1), name: plain(exposure.name),
        });
      }
      if (first + (withNodes ? 2 : 1) === n) layout["xaxis" + suffix(n - 1)].title = { text: "time (ms)", font: FONT };
    });
    layout.height = 190 * n + 80;
    draw("series", traces, layout);
  }

  function drawConnectivity(embedded) {
    const panels = [];
    const size = data.labels.length;
    if (data.weights !== null) {
      const weights = matrix(floats(data.weights), size).map(row => row.map(w => (w > 0 ? Math.log10(w) : null)));
      panels.push({ name: "structural connectivity (log10 of weight)", z: weights, colorscale: CELL.colorscale });
    }
    (embedded.connectivity || []).forEach((values, k) => panels.push({
      name: "functional connectivity of " + data.series.exposures[k].name, z: matrix(floats(values), size), colorscale: "RdBu", zmin: -1, zmax: 1,
    }));
    get("connectivity").hidden = !embedded.connectivity;
    if (!embedded.connectivity) return;
    const layout = { font: FONT, height: 420, margin: { t: 40 }, annotations: [] }, wide = 1 / panels.length;
    const labels = data.labels.map(plain);
    const traces = panels.map((panel, k) => {
      const suffix = k === 0 ? "" : String(k + 1), domain = [k * wide, (k + 0.8) * wide];
      layout["xaxis" + suffix] = { domain, showticklabels: false, anchor: "y" + suffix };
      layout["yaxis" + suffix] = { autorange: "reversed", showticklabels: false, anchor: "x" + suffix };
      layout.annotations.push({ text: plain(panel.name), x: (domain[0] + domain[1]) / 2, y: 1.08, xref: "paper", yref: "paper", showarrow: false });
      return {
        type: "heatmap", x: labels, y: labels, ...panel, name: plain(panel.name), xaxis: "x" + suffix, yaxis: "y" + suffix,
        colorbar: { x: domain[1] + 0.01, thickness: 12 },
      };
    });
    draw("connectivity", traces, layout);
  }

  // ---- table and parallel coordinates

  const columns = [
    ...axes.map((axis, k) => ({ name: axis.name, unit: axis.unit, at: item => axis.values[placeOf(item)[k]] })),
    ...data.table.map(name => ({ name, unit: measure(name).unit, at: item => measure(name).values[item] })),
  ];
  const sorting = { column: columns.findIndex(c => c.name === data.by), rising: false, rows: ROWS_AT_ONCE };

  // Numbers of the work items by a column; those without a value are left out.
  function rankedItems(at, rising) {
    const items = [];
    for (let item = 0; item < nItem; item++) if (isDone(item) && Number.isFinite(at(item))) items.push(item);
    return items.sort((a, b) => (rising ? at(a) - at(b) : at(b) - at(a)) || a - b);
  }

  function drawTable() {
    const head = element("tr");
    head.append(element("th", "work item"), ...columns.map((column, k) => {
      const cell = element("th"), arrow = k === sorting.column ? (sorting.rising ? " ▲" : " ▼") : "";
      const button = element("button", withUnit(column) + arrow, { type: "button" });
      button.addEventListener("click", () => {
        sorting.rising = k === sorting.column ? !sorting.rising : false;
        sorting.column = k;
        drawTable();
      });
      cell.append(button);
      return cell;
    }));
    get("table-head").replaceChildren(head);
    const column = columns[sorting.column];
    const items = column ? rankedItems(column.at, sorting.rising) : [0];
    const shown = items.slice(0, sorting.rows);
    get("table-body").replaceChildren(...shown.map(item => {
      const row = element("tr");
      row.append(element("td", String(item)), ...columns.map(c => element("td", number(c.at(item)))));
      row.addEventListener("click", () => { showItem(item); get("item-box").scrollIntoView(); });
      return row;
    }));
    get("table-rows").textContent = `${shown.length} of ${items.length} work items that have a value`;
    get("more").hidden = shown.length >= Math.min(items.length, MOST_ROWS);
  }

  function drawParallel() {
    const by = measure(get("by").value), most = Number(get("best").value);
    const items = rankedItems(item => by.values[item], get("lowest").checked).slice(0, most);
    const shown = columns.some(c => c.name === by.name) ? columns : [...columns, { name: by.name, unit: by.unit, at: item => by.values[item] }];
    const dimensions = shown.map(c => ({ label: plain(withUnit(c)), values: items.map(c.at).map(v => (Number.isFinite(v) ? v : NaN)) }));
    const trace = {
      type: "parcoords", dimensions, labelangle: -15,
      line: { color: items.map(item => by.values[item]), colorscale: CELL.colorscale, showscale: true, colorbar: { title: title(by) } },
    };
    draw("parallel", [trace], { font: FONT, height: 420, margin: { t: 90 } });
  }

  function drawRegions() {
    const shown = data.regions.find(r => r.name === get("regional").value);
    const trace = {
      type: "bar", x: data.labels.map(plain), y: Array.from(floats(shown.heights), finite), marker: { color: "#d55e00" },
      error_y: shown.spread === null ? undefined : { type: "data", array: Array.from(floats(shown.spread), finite), thickness: 0.7, width: 0 },
    };
    get("about-region").textContent = shown.about;
    draw("regions", [trace], { font: FONT, yaxis: { title: { text: plain(shown.title), font: FONT } }, margin: { t: 20, b: 150 } });
  }

  // ---- begin

  const names = measures.map(m => m.name);
  if (axes.length && names.length) {
    const axisNames = axes.map(a => a.name);
    select("x", axisNames, state.x, () => chooseAxis("x", "y"));
    if (state.y === null) get("y-box").hidden = true; else select("y", axisNames, state.y, () => chooseAxis("y", "x"));
    select("measure", names, state.measure, () => { state.measure = get("measure").value; drawMap(); });
    get("same-colours").addEventListener("change", drawMap);
    buildSliders();
    drawMap();
  } else {
    get("map-box").hidden = true;
  }
  if (nItem > 1 && names.length) {
    select("by", names, data.by, drawParallel);
    get("best").addEventListener("change", drawParallel);
    get("lowest").addEventListener("change", drawParallel);
    drawParallel();
  } else {
    get("parallel-box").hidden = true;
  }
  if (data.regions.length) {
    select("regional", data.regions.map(r => r.name), data.regions[0].name, drawRegions);
    drawRegions();
  } else {
    get("regions-box").hidden = true;
  }
  get("more").addEventListener("click", () => { sorting.rows = Math.min(sorting.rows * 4, MOST_ROWS); drawTable(); });
  drawTable();
  if (data.first !== null) showItem(data.first);
  document.body.dataset.ready = "yes";
})();
