// Write what couplings need of the given states into `count` slots of the ring from `slot` on.
extern "C" __global__ void ${name}_fill_history(
% for line in wrap(arguments, end=")"):
    ${line}
% endfor
{
% if results:
    const int lane = threadIdx.x;
    state += (size_t)blockIdx.x * ${n_state} * n_node * LANES;
    history += (size_t)blockIdx.x * ${len(results)} * n_node * horizon * LANES;
    scales += (size_t)blockIdx.x * ${2 * len(results)} * LANES + lane;
    largest += (size_t)blockIdx.x * ${len(results)} * GROUPS * LANES;
% if reads:
    hoisted += (size_t)blockIdx.x * ${n_hoisted} * columns * LANES;
    const int regional = columns > 1;
% endif
    for (int node = threadIdx.y; node < n_node; node += GROUPS) {
        const size_t at = (size_t)node * LANES + lane, row = (size_t)n_node * LANES;
% for line in [*reads, *states, *lines]:
        ${line}
% endfor
        const real factors[] = {${", ".join(results)}};
        fill_slots(history, factors, scales, largest, n_node, node, horizon, slot, count, threadIdx.y, lane);
    }
% endif
}
