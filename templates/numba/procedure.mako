@inlined
def ${name}(${", ".join(arguments)}):
    """${description}"""
% for line in lines:
    ${line}
% endfor
    return ${result}
