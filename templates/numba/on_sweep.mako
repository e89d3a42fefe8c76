if sweep == ${sweep}:
${indent(body, 1)}\
