@inlined
def advance_node(${", ".join(arguments)}):
    """Advance one node of one work item by one step."""
% for line in lines:
    ${line}
% endfor
    # a difference is zero where a state is finite, and NaN where it is not
% for line in finite:
    ${line}
% endfor
        rows[${rows.finite}, entry] = max(rows[${rows.finite}, entry], real(block - ahead))
