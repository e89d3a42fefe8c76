@njit(cache=cache, **OPTIONS)
def advance(
% for line in wrap(signature.names):
    ${line}
% endfor
):  # fmt: skip
    """Advance one lane block by `steps` steps from step `first`."""
    n_node, columns, slots = self_weight.size, hoisted.shape[1], horizon + block
    regional, per_window, ${", ".join(scalars)} = int(columns > 1), real(1.0 / window), ${", ".join(scalars.values())}
    rows = np.zeros((${rows.n_row}, vector), real)
    by_node, flat = rows.reshape(${rows.n_row}, width, lanes), rows.reshape(-1)
    flat_hoisted, flat_state = hoisted.reshape(-1), state.reshape(-1)
    flat_sums, flat_output = sums.reshape(-1), output.reshape(-1)
% for line in switches:
    ${line}
% endfor
% if edge_sums:
    by_slot = history.reshape(${max(1, len(factors))} * n_node, slots, lanes)
% endif
% if normals:
    # the node and work item that random numbers are drawn for; a quotient and a remainder would be no vectors
    drawn_for = np.zeros((2, vector), np.uint32)
% endif
% if accumulators:
    # sums over edges of a block of steps: first of one node, or of all nodes where sources go in tiles
    edges, ring = (weight, source, delay), (history, horizon, slots)
    coupled = np.zeros((${len(accumulators)} * (visits[-1, 3] + 1), block, vector), real)
    of_nodes = np.zeros(${len(accumulators)} * (n_node if len(parts) > 2 else 1) * span, real)
    of_nodes = of_nodes if width > 1 or len(parts) > 2 else coupled.reshape(-1)
% else:
    coupled = np.zeros((1, 1, 1), real)
% endif
${indent(loops, 1)}\
