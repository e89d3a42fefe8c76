if noisy:
    for entry in range(vector):
% for i in range(0, len(normals), 4):
        words = philox(step, drawn_for[0, entry], drawn_for[1, entry], ${i // 4}, key0, key1)
% for j in range(i, min(i + 4, len(normals)), 2):
% if j + 1 < len(normals):
        rows[${rows.normal + j}, entry], rows[${rows.normal + j + 1}, entry] = normal_pair(real(words[${j % 4}]), real(words[${j % 4 + 1}]))
% else:
        rows[${rows.normal + j}, entry], _ = normal_pair(real(words[${j % 4}]), real(words[${j % 4 + 1}]))
% endif
% endfor
% endfor
