@njit(cache=cache, **OPTIONS)
def fill_history(${", ".join(signature.names)}):
    """Write what couplings need of the given states into `count` slots of the ring from `slot` on."""
% if results:
    n_node, slots = state.shape[1] // lanes, horizon + block
% if regional:
    regional = int(hoisted.shape[1] > 1)
% endif
    for node in range(n_node):
        for lane in range(lanes):
            here = node * lanes + lane
% for line in reads:
            ${line}
% endfor
% for line in lines:
            ${line}
% endfor
% for result in results:
            history[(${f"({loop.index} * n_node + node)" if loop.index else "node"} * slots + slot) * lanes + lane] = ${result}
% endfor
        repeat_slot(history, ${len(results)}, node, n_node, slots, slot, count, lanes)
% endif
