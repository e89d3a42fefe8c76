// what depends on time alone, at each stage of the step and after it
const double stages[] = ${stages};
Clock clocks[${n_stage}];
#pragma unroll
for (int k = 0; k < ${n_stage}; k++) clocks[k] = clock_at((step + stages[k]) * step_size);
