// Compute what stays the same while time runs.
extern "C" __global__ void ${model.name}_prepare(
    const real* __restrict__ parameters, double step_size, int n_node, int columns,
    real* __restrict__ hoisted)
{
    const int lane = threadIdx.x;
    parameters += (size_t)blockIdx.x * ${len(parameters)} * columns * LANES;
    hoisted += (size_t)blockIdx.x * ${len(hoisted)} * columns * LANES;
% if "dt" in prepare.leaves:
    const real dt = real(step_size);
% endif
% if "node_count" in prepare.leaves:
    const real node_count = real(n_node);
% endif
    for (int node = threadIdx.y; node < columns; node += GROUPS) {
% for name in parameters:
% if name in prepare.leaves:
        const real ${name} = parameters[(${loop.index} * columns + node) * LANES + lane];
% endif
% endfor
% for line in prepare.lines:
        ${line}
% endfor
% for result in prepare.results:
        hoisted[(${loop.index} * columns + node) * LANES + lane] = ${result};
% endfor
    }
}

// Write what the couplings need of the given states into successive slots of the ring.
extern "C" __global__ void ${model.name}_fill_history(
    const real* __restrict__ state, const real* __restrict__ hoisted, int n_node, int columns, int slot,
    int slots, int horizon, kept* __restrict__ history)
{
% if factors:
    const int lane = threadIdx.x;
    state += (size_t)blockIdx.x * ${len(states)} * n_node * LANES;
    history += (size_t)blockIdx.x * ${len(factors)} * n_node * horizon * LANES;
% if fill.rows:
    hoisted += (size_t)blockIdx.x * ${len(hoisted)} * columns * LANES;
    const int regional = columns > 1;
% endif
    for (int node = threadIdx.y; node < n_node; node += GROUPS) {
% for row, name in fill.rows:
        const real ${name} = hoisted[(${row} * columns + node * regional) * LANES + lane];
% endfor
% for name in states:
% if name in fill.leaves:
        const real ${name} = state[(${loop.index} * n_node + node) * LANES + lane];
% endif
% endfor
% for line in fill.lines:
        ${line}
% endfor
% for result in fill.results:
        const real factor_${loop.index} = ${result};
% endfor
        for (int there = slot; there < slot + slots; there++) {
% for name in factors:
            history[((size_t)(${loop.index} * n_node + node) * horizon + there) * LANES + lane] = keep(factor_${loop.index});
% endfor
        }
    }
% endif
}
