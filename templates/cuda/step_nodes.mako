% for line in lines:
${line}
% endfor
% if finite:
// zero where every state is finite, NaN where one is not
% for line in finite:
${line}
% endfor
if (!(finite == real(0.0)) && step < bad) bad = step;
% endif
