// the states take the place of those that were predicted for this step
const int before = now > 0 ? now - 1 : horizon - 1;
% for k, name in enumerate(factors):
history[((size_t)(${k} * n_node + node) * horizon + before) * LANES + lane] = keep(${name}, scales, ${k});
% endfor
