% for line in writes:
${line}
% endfor
% if n_kept:
for (int k = 0; k < ${n_kept}; k++) state[(${first_kept} + k) * row_size + cell] = kept_rows[k];
% endif
for (int k = 0; k < ${n_sum}; k++) sums[k * row_size + cell] = window_sums[k];
