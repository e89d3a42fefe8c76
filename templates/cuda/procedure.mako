// ${description}
INLINE void ${name}(${", ".join(arguments)})
{
% for line in lines:
    ${line}
% endfor
}
