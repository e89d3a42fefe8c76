for (int ahead = 0; ahead < in_block; ahead++) {
% if sweeps == 1:
    const unsigned int step = first + begin + ahead;
% else:
    // two sweeps make a step
    const unsigned int step = (first + begin + ahead) / ${sweeps}, sweep = (first + begin + ahead) % ${sweeps};
% endif
${indent(body, 1)}\
}
