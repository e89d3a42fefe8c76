% for line in writes:
${line}
% endfor
% if n_handed_on:
for (int k = 0; k < ${n_handed_on}; k++) state[(${first_handed_on} + k) * row_size + cell] = handed_rows[k];
% endif
for (int k = 0; k < ${n_sum}; k++) sums[k * row_size + cell] = window_sums[k];
