@inlined
def ${name}(${", ".join(arguments)}):
    """${description}"""
% for line in lines:
    ${line}
% endfor
% if finite:
    # a difference is zero where a state is finite, and NaN where it is not
% for line in finite:
    ${line}
% endfor
        rows[${rows.finite}, entry] = max(rows[${rows.finite}, entry], real(block - ahead))
% endif
