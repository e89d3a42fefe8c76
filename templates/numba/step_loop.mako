for ahead in range(from_step, to_step):
% if traversals == 1:
    step = first + begin + ahead
% else:
    # two traversals make a step
    turn = first + begin + ahead
    step, traversal = divmod(turn, ${traversals})
% endif
${indent(body, 1)}\
