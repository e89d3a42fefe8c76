@njit(cache=cache, **OPTIONS)
def advance(
% for line in wrap(signature.names, end="):"):
    ${line}
% endfor
    """Advance one lane block by `steps` steps from step `first`."""
    use_wide_vectors()
    n_node, columns, per_window = self_weight.size, hoisted.shape[1], real(1.0 / window)
% if traversals > 1:
    # from here on first, steps and window count traversals, two a step, as delays and slots do
    first, steps, window = ${traversals} * first, ${traversals} * steps, ${traversals} * window
% endif
    ${", ".join(scalars)} = ${", ".join(scalars.values())}
% if normals:
    rows, drawn_for = stack_zeros(${rows.n_row}, vector, real), stack_zeros(2, vector, np.uint32)
% else:
    rows = stack_zeros(${rows.n_row}, vector, real)
% endif
    by_node, flat = rows.reshape(${rows.n_row}, width, lanes), rows.reshape(-1)
    kept, samples = (hoisted.reshape(-1), state.reshape(-1), sums.reshape(-1)), output.reshape(-1)
% for line in switches:
    ${line}
% endfor
% if edge_sums:
    regional = int(columns > 1)
    by_slot = history.reshape(${max(1, len(factors))} * n_node, horizon + block, lanes)
% endif
    edges, ring = (weight, source, delay), (history, horizon, horizon + block)
% if accumulators:
    room = (coupled.reshape(-1), of_nodes, vector)
% endif
${indent(loops, 1)}\
