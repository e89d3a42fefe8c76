% for name in inputs:
const real ${name} = input_values[((size_t)input_row[${"begin + ahead" if traversals == 1 else f"(begin + ahead) / {traversals}"}] * ${len(inputs)} + ${loop.index}) * n_node + node];
% endfor
