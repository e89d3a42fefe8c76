if traversal == ${traversal}:
${indent(body, 1)}\
