# what depends on time alone, at each stage of the step and after it
clocks = (
% for k in range(n_stage):
    clock((step + STAGES${"[traversal]" if traversals > 1 else ""}[${k}]) * step_size),
% endfor
)
