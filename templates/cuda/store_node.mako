% for line in writes:
${line}
% endfor
for (int k = 0; k < ${n_exposure}; k++) sums[k * row_size + cell] = window_sums[k];
