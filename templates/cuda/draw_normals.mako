real ${", ".join(f"{name} = real(0.0)" for name in normals)};
#if NOISE
% for i in range(0, len(normals), 4):
const Words words_${i // 4} = philox(step, node, item, ${i // 4}, key0, key1);
% for j in range(i, min(i + 4, len(normals)), 2):
% if j + 1 < len(normals):
normal_pair(words_${i // 4}.word[${j % 4}], words_${i // 4}.word[${j % 4 + 1}], ${normals[j]}, ${normals[j + 1]});
% else:
${normals[j]} = one_normal(words_${i // 4}.word[${j % 4}], words_${i // 4}.word[${j % 4 + 1}]);
% endif
% endfor
% endfor
#endif
