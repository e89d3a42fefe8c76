<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
## Whatever is in a label or a model: nothing is loaded from anywhere, and nothing is sent.
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; worker-src blob:; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 1200px; margin: 0 auto; padding: 1em; }
h1 { font-size: 1.5em; margin-bottom: 0.2em; } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc; }
h3 { font-size: 1em; margin-bottom: 0.3em; }
label { margin-right: 1.2em; } .slider { display: block; } .slider input { width: 40%; vertical-align: middle; }
.quiet { color: #666; } .wide { overflow-x: auto; }
#map { height: 480px; } #regions { height: 420px; }
table { border-collapse: collapse; font-size: 13px; } td, th { text-align: left; padding: 2px 10px 2px 0; vertical-align: top; }
tbody tr:nth-child(even) { background: #f4f4f4; } #table-body tr { cursor: pointer; }
th button { font: inherit; background: none; border: none; padding: 0; cursor: pointer; color: #0072b2; }
code { background: #f0f0f0; padding: 2px 5px; overflow-wrap: anywhere; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", "DejaVu Math TeX Gyre", math, serif; margin: 0.5em 0; text-align: left; }
[hidden] { display: none !important; }
</style>
</head>
<body>
<h1>${title}</h1>
<p class="quiet">${summary}</p>

<div id="map-box">
<h2>Measures</h2>
<p><label>measure <select id="measure"></select></label>
<label>x <select id="x"></select></label>
<label id="y-box">y <select id="y"></select></label>
<label><input type="checkbox" id="same-colours"> same colours everywhere</label></p>
<p id="about-measure" class="quiet"></p>
<div id="sliders"></div>
<div id="map"></div>
<p class="quiet">A click on a cell shows that work item. Circles mark those whose time series are in this file. Grey: no value${"; white: not done yet" if unfinished else ""}.</p>
</div>

<div id="item-box" hidden>
<h2 id="item"></h2>
<div id="series"></div>
<div id="connectivity"></div>
<p id="again"><span id="why"></span><code id="command"></code></p>
<details><summary>measures</summary><table><tbody id="item-measures"></tbody></table></details>
</div>

<div id="parallel-box">
<h2>The best work items</h2>
<p><label>by <select id="by"></select></label>
<label><input type="checkbox" id="lowest"> lowest first</label>
<label>how many <input type="number" id="best" value="100" min="1" max="2000"></label></p>
<div id="parallel"></div>
</div>

<div id="regions-box">
<h2>Regions</h2>
<p><label>measure <select id="regional"></select></label></p>
<p id="about-region" class="quiet"></p>
<div id="regions"></div>
</div>

<h2>Work items</h2>
<p class="quiet"><span id="table-rows"></span>; a click on a heading sorts, a click on a row shows the work item.</p>
<div class="wide"><table><thead id="table-head"></thead><tbody id="table-body"></tbody></table></div>
<p><button type="button" id="more">more</button></p>

% if model is not None:
<h2>Model: ${model.name}</h2>
<p>${model.description}</p>
% for citation, doi in model.references:
<p class="quiet">${citation} ${"https://doi.org/" + doi if doi else ""}</p>
% endfor
<h3>Equations</h3>
<p class="quiet">As they are computed: constants are folded, and terms are in an order of their own.</p>
## The one text that is markup: made of elements of MathML, with every name in them escaped.
<div class="wide" id="equations">
% for equation in model.equations:
${equation | n}
% endfor
</div>
% for heading, rows in model.tables:
<h3>${heading[0]}s</h3>
<div class="wide"><table><thead><tr>\
% for cell in heading:
<th>${cell}</th>\
% endfor
</tr></thead><tbody>
% for row in rows:
<tr>\
% for cell in row:
<td>${cell}</td>\
% endfor
</tr>
% endfor
</tbody></table></div>
% endfor
% endif

<h2>Plan</h2>
<div class="wide"><table id="plan"><tbody>
% for name, value in plan:
<tr><td>${name}</td><td>${value}</td></tr>
% endfor
</tbody></table></div>

<script type="application/json" id="data">${data | n}</script>
<script>${plotly | n}</script>
<script>
(function () {
"use strict";
% for script in scripts:
${script | n}
% endfor
})();
</script>
</body>
</html>
