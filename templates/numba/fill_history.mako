@njit(cache=cache, **OPTIONS)
def fill_history(${", ".join(signature.names)}):
    """Write what couplings need of the given states into `count` slots of the ring from `slot` on."""
% if results:
    regional, n_node, slots = int(hoisted.shape[1] > 1), state.shape[1] // lanes, horizon + block
    for node in range(n_node):
        for lane in range(lanes):
% for line in reads:
            ${line}
% endfor
% for line in lines:
            ${line}
% endfor
% for result in results:
            history[(${f"({loop.index} * n_node + node)" if loop.index else "node"} * slots + slot) * lanes + lane] = ${result}
% endfor
        for row in range(${len(results)}):
            cell = ((row * n_node + node) * slots + slot) * lanes
            for later in range(1, count):
                copy(history, cell + later * lanes, history, cell, lanes)
% endif
