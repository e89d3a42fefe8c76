@inlined
def ${name}(${", ".join(arguments)}):
    """${description}"""
% for line in lines:
    ${line}
% endfor
% if finite:
    # zero where all states are finite, else NaN; from the first that is not on, steps are counted
% for line in finite:
    ${line}
% endfor
% endif
