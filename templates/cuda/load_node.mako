% if late:
const Memory rows(fixed, columns, node, lane);
% else:
const Registers<${n_hoisted}> rows(hoisted, columns, node, lane);
% endif
const size_t cell = (size_t)node * LANES + lane, row_size = (size_t)n_node * LANES;
% if uses_weights:
const real own_weight = self_weight[node], ${weight_sum} = weight_sums[node];
% endif
% for line in reads:
${line}
% endfor
% if n_handed_on:
real handed_rows[${n_handed_on}];
for (int k = 0; k < ${n_handed_on}; k++) handed_rows[k] = state[(${first_handed_on} + k) * row_size + cell];
% endif
real window_sums[${n_sum}];
for (int k = 0; k < ${n_sum}; k++) window_sums[k] = sums[k * row_size + cell];
int ${"now = at, " if n_factor or reads_edges else ""}left = window - since;
real* sampled = output + (size_t)(whole - done) * ${n_exposure} * row_size + cell;
