// What a report carries: axes, measures, texts and cells. The scripts of a report make one function.

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
// A value of an axis, or the name that it stands for.
const valueText = (axis, v) => (axis.names.length ? axis.names[v] : number(v));
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
