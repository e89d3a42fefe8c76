// Compute what stays the same while time runs.
extern "C" __global__ void ${name}_prepare(
% for line in wrap(arguments, end=")"):
    ${line}
% endfor
{
    const int lane = threadIdx.x;
    parameters += (size_t)blockIdx.x * ${n_parameter} * columns * LANES;
    hoisted += (size_t)blockIdx.x * ${n_hoisted} * columns * LANES;
% for line in scalars:
    ${line}
% endfor
    for (int node = threadIdx.y; node < columns; node += GROUPS) {
        const size_t at = (size_t)node * LANES + lane, row = (size_t)columns * LANES;
% if reads:
        const Registers<${n_parameter}> value(parameters, columns, node, lane);
% endif
% for line in reads:
        ${line}
% endfor
% for line in lines:
        ${line}
% endfor
        const real values[] = {${", ".join(results) or "0"}};
        for (int k = 0; k < ${n_hoisted}; k++) hoisted[at + k * row] = values[k];
    }
}
