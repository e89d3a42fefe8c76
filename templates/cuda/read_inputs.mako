% for name in inputs:
const real ${name} = input_values[((size_t)input_row[${"begin + ahead" if sweeps == 1 else f"(begin + ahead) / {sweeps}"}] * ${len(inputs)} + ${loop.index}) * n_node + node];
% endfor
