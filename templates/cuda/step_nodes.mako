% for line in lines:
${line}
% endfor
// zero where every state is finite, NaN where one is not
const real finite = ${" + ".join(f"({name} - {name})" for name in following)};
if (!(finite == real(0.0)) && step < bad) bad = step;
