for ahead in range(from_step, to_step):
    step = first + begin + ahead
${indent(body, 1)}\
