for (int ahead = 0; ahead < in_block; ahead++) {
% if traversals == 1:
    const unsigned int step = first + begin + ahead;
% else:
    // two traversals make a step
    const unsigned int step = (first + begin + ahead) / ${traversals}, traversal = (first + begin + ahead) % ${traversals};
% endif
${indent(body, 1)}\
}
