// Advance every lane block by `steps` steps from step `first`.
extern "C" __global__ void __launch_bounds__(LANES * GROUPS, MIN_BLOCKS) ${name}_advance(
% for line in wrap(arguments, end=")"):
    ${line}
% endfor
{
    const int lane = threadIdx.x, group = threadIdx.y;
    const size_t lane_block = blockIdx.x;
% if accumulators:
    // sums over edges: in each group of BLOCK steps of a node, or of one step of ROWS nodes
    __shared__ __align__(16) real coupled[${len(accumulators)}][GROUPS * (ROWS > BLOCK ? ROWS : BLOCK)][LANES];
% endif
    hoisted += lane_block * ${n_hoisted} * columns * LANES;
% if late:
    // too many rows to keep in registers: each is read where it is needed
#if REGIONAL
    const real* const fixed = hoisted;
#else
    __shared__ real fixed[${n_hoisted} * LANES];
    for (int k = group; k < ${n_hoisted}; k += GROUPS) fixed[k * LANES + lane] = hoisted[k * LANES + lane];
    __syncthreads();
#endif
% endif
% if switches:
    // sums over edges that parameters multiply with zero for all work items and nodes are left out
    __shared__ bool switched_on[${len(switches)}];
    const int switches[] = {${", ".join(str(s) for s in switches)}};
    find_switches(switched_on, switches, hoisted, columns, group, lane);
% endif
% for line in on:
    ${line}
% endfor
    state += lane_block * ${n_state} * n_node * LANES;
% if n_factor:
    history += lane_block * ${n_factor} * n_node * horizon * LANES;
    scales += lane_block * ${2 * n_factor} * LANES + lane;
    const Edges edges = {row, source, delay, weight, n_node, horizon};
% endif
    sums += lane_block * ${n_sum} * n_node * LANES;
    output += lane_block * samples * ${n_exposure} * n_node * LANES;
% if inputs:
#if OWN_INPUTS
    input_values += lane_block * input_row[steps] * ${f"{len(inputs)} * " if len(inputs) > 1 else ""}n_node;
#endif
% endif
<% rows = f"{n_state} * n_node, {n_sum} * n_node, {n_factor} * n_node * horizon" %>\
    const Home home = move_in(state, sums, history, ${rows}, group, lane);
% for line in scalars:
    ${line}
% endfor
    const real per_window = real(1.0 / window);
% if traversals > 1:
    // from here on first, steps and window count traversals, two a step, as delays and slots do
    first *= ${traversals}; steps *= ${traversals}; window *= ${traversals};
% endif
    const unsigned int done = first / window;
    unsigned int bad = 0xffffffffu;  // never

${indent(loops, 1)}\
    move_out(home, state, sums, history, group, lane);
    long long* mine = diverged + (lane_block * GROUPS + group) * LANES + lane;
    if (bad != 0xffffffffu && bad < *mine) *mine = bad;
}
