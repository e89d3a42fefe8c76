now = now + 1 < horizon ? now + 1 : 0;
% for k, name in enumerate(factors):
${f"const kept kept_{k} = " if k in loaded else ""}history[((size_t)(${k} * n_node + node) * horizon + now) * LANES + lane] = keep(${name}, scales, ${k});
% if k in loaded:
${loaded[k]} = rescaled(recall(kept_${k}), scales, ${k});
% endif
% endfor
