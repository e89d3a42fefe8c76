% for line in writes:
${line}
% endfor
for (int k = 0; k < ${n_sum}; k++) sums[k * row_size + cell] = window_sums[k];
