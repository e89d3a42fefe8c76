// The best work items, a measure of each region, and the table; then all is drawn for the first time.

// ---- table and parallel coordinates

const columns = [
  ...axes.map((axis, k) => ({ name: axis.name, unit: axis.unit, names: axis.names, at: item => axis.values[placeOf(item)[k]] })),
  ...data.table.map(name => ({ name, unit: measure(name).unit, names: [], at: item => measure(name).values[item] })),
];
const sorting = { column: Math.max(0, columns.findIndex(c => c.name === data.by)), rising: data.by !== null && measure(data.by).distance, rows: ROWS_AT_ONCE };

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
    row.append(element("td", String(item)), ...columns.map(c => element("td", valueText(c, c.at(item)))));
    row.addEventListener("click", () => { showItem(item); get("item-box").scrollIntoView(); });
    return row;
  }));
  get("table-rows").textContent = `${shown.length} of ${items.length} work items that have a value`;
  get("more").hidden = shown.length >= Math.min(items.length, MOST_ROWS);
}

function chooseRanking() {
  get("lowest").checked = measure(get("by").value).distance;
  drawParallel();
}

function drawParallel() {
  const by = measure(get("by").value), most = Number(get("best").value);
  const items = rankedItems(item => by.values[item], get("lowest").checked).slice(0, most);
  const shown = columns.some(c => c.name === by.name) ? columns : [...columns, { name: by.name, unit: by.unit, names: [], at: item => by.values[item] }];
  const dimensions = shown.map(c => ({
    label: plain(withUnit(c)), values: items.map(c.at).map(v => (Number.isFinite(v) ? v : NaN)),
    ...(c.names.length ? { tickvals: c.names.map((_, k) => k), ticktext: c.names.map(plain) } : {}),
  }));
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
  select("by", names, data.by, chooseRanking);
  get("best").addEventListener("change", drawParallel);
  get("lowest").addEventListener("change", drawParallel);
  chooseRanking();
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
