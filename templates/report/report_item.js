// One work item: its measures, and its series and connectivity if the report carries them.

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
    const drawn = isDone(item) && data.command !== null;
    get("why").textContent = drawn ? "Its time series are not in this file. This simulates it again, or reads it: "
      : isDone(item) ? "There are no time series of it." : "This work item is not done yet.";
    get("command").textContent = drawn ? data.command + item : "";
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
