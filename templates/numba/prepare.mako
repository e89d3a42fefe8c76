@njit(cache=cache, **OPTIONS)
def prepare(${", ".join(signature.names)}):
    """Compute what stays the same while time runs."""
% if stores:
% if "dt" in block.leaves:
    dt = real(step_size)
% endif
% if count_name:
    ${count_name} = real(n_node)
% endif
    for node in range(hoisted.shape[1]):
        for lane in range(lanes):
            value, kept = parameters[:, node, lane], hoisted[:, node, lane]
% for line in reads:
            ${line}
% endfor
% for line in lines:
            ${line}
% endfor
% for line in stores:
            ${line}
% endfor
% endif
