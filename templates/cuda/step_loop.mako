for (int ahead = 0; ahead < in_block; ahead++) {
    const unsigned int step = first + begin + ahead;
${indent(body, 1)}\
}
