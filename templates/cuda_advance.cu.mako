<%page args="integrator, s"/>\
<% switches = sorted({gate for sum_ in (*accumulators, *edge_sums) for gate in sum_.gates}) %>\

// Advance every lane block by `steps` steps from step `first`.
extern "C" __global__ void __launch_bounds__(LANES * GROUPS, MIN_BLOCKS) ${model.name}_${integrator}(
    unsigned int first, int steps, double step_size, int n_node, int columns, const int* __restrict__ row,
    const int* __restrict__ source, const int* __restrict__ delay, const real* __restrict__ weight,
    const real* __restrict__ dense, const real* __restrict__ self_weight,
    const real* __restrict__ weight_sums, const real* __restrict__ hoisted,
    const unsigned int* __restrict__ items, unsigned int key0, unsigned int key1,
    const int* __restrict__ input_row, const ${"GIVEN" if inputs else "real"}* __restrict__ input_values, real* state, kept* history,
    int horizon, int window, int samples, real* sums, real* __restrict__ output,
    long long* __restrict__ diverged)
{
    const int lane = threadIdx.x, group = threadIdx.y;
    const size_t lane_block = blockIdx.x;
% if accumulators:
    // sums over edges: in each group of BLOCK steps of a node, or of one step of ROWS nodes
    __shared__ __align__(16) real coupled[${len(accumulators)}][GROUPS * (ROWS > BLOCK ? ROWS : BLOCK)][LANES];
% endif
% if s.rows or any(e.rows for e in edge_sums) or switches:
    hoisted += lane_block * ${len(hoisted)} * columns * LANES;
% endif
% if 0 < len(s.rows) <= registers_for_rows or any(e.rows for e in edge_sums):
    const int regional = REGIONAL && columns > 1;
% endif
% if len(s.rows) > registers_for_rows:
    // too many to keep in registers: each is read where it is needed
#if REGIONAL
    #define HOISTED(row) hoisted[((row) * columns + (columns > 1 ? node : 0)) * LANES + lane]
#else
    #define HOISTED(row) fixed[row][lane]
    volatile __shared__ real fixed[${len(hoisted)}][LANES];
    for (int k = group; k < ${len(hoisted)}; k += GROUPS) fixed[k][lane] = hoisted[k * LANES + lane];
    __syncthreads();
#endif
% endif
% if switches:
    // sums over edges that parameters multiply with zero for all work items and nodes are left out
    __shared__ bool switched_on[${len(switches)}];
    if (group == 0 && lane == 0)
        for (int k = 0; k < ${len(switches)}; k++) switched_on[k] = false;
    __syncthreads();
    for (int node = group; node < columns; node += GROUPS) {
% for gate in switches:
        if (hoisted[(${gate} * columns + node) * LANES + lane] != real(0.0)) switched_on[${loop.index}] = true;
% endfor
    }
    __syncthreads();
% for sum_ in (*accumulators, *edge_sums):
% if sum_.gates:
    bool with_${sum_.name} = true;
% for gate in sum_.gates:
    with_${sum_.name} &= switched_on[${switches.index(gate)}];
% endfor
% endif
% endfor
% endif
    state += lane_block * ${len(states)} * n_node * LANES;
% if factors:
    history += lane_block * ${len(factors)} * n_node * horizon * LANES;
% endif
    sums += lane_block * ${len(exposures)} * n_node * LANES;
    output += lane_block * samples * ${len(exposures)} * n_node * LANES;
% if inputs:
#if OWN_INPUTS
    input_values += lane_block * input_row[steps] * ${f"{len(inputs)} * " if len(inputs) > 1 else ""}n_node;
#endif
% endif
#if IN_SHARED
    DYNAMIC_SHARED(real, pool);
    real *const stored_state = state, *const stored_sums = sums;
    state = pool;
    sums = state + ${len(states)} * n_node * LANES;
    for (int k = group; k < ${len(states)} * n_node; k += GROUPS) state[k * LANES + lane] = stored_state[k * LANES + lane];
    for (int k = group; k < ${len(exposures)} * n_node; k += GROUPS) sums[k * LANES + lane] = stored_sums[k * LANES + lane];
% if factors:
    kept* const stored_history = history;
    history = (kept*)(sums + ${len(exposures)} * n_node * LANES);
    for (int k = group; k < ${len(factors)} * n_node * horizon; k += GROUPS)
        history[k * LANES + lane] = stored_history[k * LANES + lane];
% endif
    __syncthreads();
#endif
% if normals:
#if NOISE
    const unsigned int item = items[lane_block * LANES + lane];
#endif
% endif
% if "dt" in s.used:
    const real dt = real(step_size);
% endif
% if "node_count" in s.used:
    const real node_count = real(n_node);
% endif
    const real per_window = real(1.0 / window);
    const unsigned int done = first / window;
    unsigned int bad = 0xffffffffu;  // never

    for (int begin = 0; begin < steps; begin += BLOCK) {
        const int count = steps - begin < BLOCK ? steps - begin : BLOCK;
% if factors:
        const int at = (first + begin) % horizon;
% endif
        const unsigned int whole = (first + begin) / window;
        const int since = first + begin - whole * window;
        const int together = ROWS > 1 ? GROUPS * ROWS : n_node;
        for (int first_node = 0; first_node < n_node; first_node += together) {
% if accumulators:
<%include file="cuda_product.cu.mako"/>\
% endif
            const int end_node = n_node - first_node < together ? n_node : first_node + together;
            for (int node = first_node + group; node < end_node; node += GROUPS) {
% if accumulators:
<%include file="cuda_edges.cu.mako"/>\
% endif
<%include file="cuda_node.cu.mako" args="s=s"/>\
            }
        }
        __syncthreads();
    }
#if IN_SHARED
    for (int k = group; k < ${len(states)} * n_node; k += GROUPS) stored_state[k * LANES + lane] = state[k * LANES + lane];
    for (int k = group; k < ${len(exposures)} * n_node; k += GROUPS) stored_sums[k * LANES + lane] = sums[k * LANES + lane];
% if factors:
    for (int k = group; k < ${len(factors)} * n_node * horizon; k += GROUPS)
        stored_history[k * LANES + lane] = history[k * LANES + lane];
% endif
#endif
    long long* mine = diverged + (lane_block * GROUPS + group) * LANES + lane;
    if (bad != 0xffffffffu && bad < *mine) *mine = bad;
}
% if len(s.rows) > registers_for_rows:
#undef HOISTED
% endif
