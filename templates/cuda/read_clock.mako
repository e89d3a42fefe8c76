// what depends on time alone, at each stage of the step and after it
% if traversals == 1:
% for scheme, times in stages.items():
const double stages_${scheme}[] = {${times}};
% endfor
% else:
const double STAGES[] = {double(traversal), 1.0};
% endif
Clock clocks[${n_stage}];
#pragma unroll
for (int k = 0; k < ${n_stage}; k++) clocks[k] = clock_at((step + STAGES[k]) * step_size);
