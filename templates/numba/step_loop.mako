for ahead in range(from_step, to_step):
% if sweeps == 1:
    step = first + begin + ahead
% else:
    # two sweeps make a step
    turn = first + begin + ahead
    step, sweep = divmod(turn, ${sweeps})
% endif
${indent(body, 1)}\
