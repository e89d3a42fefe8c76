// Measures over two axes or one, with sliders for the others; a click shows a work item.

// ---- the map

const state = {
  x: data.view.x, y: data.view.y, measure: data.view.measure, place: shape.map(size => Math.floor(size / 2)), item: null,
};
const index = name => axes.findIndex(a => a.name === name);
let shownItems = [];

function layoutAxis(axis) {
  const values = [...axis.values].sort((a, b) => a - b), logarithmic = isLogarithmic(values);
  if (axis.names.length) return { title: title(axis), tickvals: axis.values, ticktext: axis.names.map(plain), zeroline: false, showgrid: false };
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
  // texts for each of very many cells would take more memory than the cells
  const many = shownItems.length * orders[0].length > 100000;
  const texts = many ? undefined : shownItems.map((row, j) => row.map((item, i) =>
    `${plain(axes[a].name)} = ${plain(valueText(axes[a], sorted[0][i]))}<br>${plain(axes[b].name)} = ${plain(valueText(axes[b], sorted[1][j]))}<br>` +
    `${plain(withUnit(shown))}: ${number(shown.values[item])}<br>work item ${item}`));
  const trace = {
    type: "heatmap", x: bounds[0], y: bounds[1], z, text: texts, hoverinfo: many ? "x+y+z" : "text", colorscale: CELL.colorscale,
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
    text: shownItems.map((item, k) => `${plain(axes[a].name)} = ${plain(valueText(axes[a], x[k]))}<br>${number(shown.values[item])}<br>work item ${item}`),
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

const axisText = (k, at) => `${axes[k].name} = ${valueText(axes[k], axes[k].values[at])} ${axes[k].unit}`.trim();

function chooseAxis(which, other) {
  const chosen = get(which).value;
  // the axis that the other selector shows changes places with this one
  if (chosen === state[other]) { state[other] = state[which]; get(other).value = state[other]; }
  state[which] = chosen;
  buildSliders();
  drawMap();
}
