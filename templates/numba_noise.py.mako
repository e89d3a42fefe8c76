<%page args="s"/>\
% if normals:
                    if noisy:
                        for entry in range(vector):
% for i in range(0, len(normals), 4):
                            words = philox(step, drawn_for[0, entry], drawn_for[1, entry], ${i // 4}, key0, key1)
% for j in range(i, min(i + 4, len(normals)), 2):
                            uniform = (real(words[${j % 4}]) + real(0.5)) * real(2.0**-32)
                            radius = math.sqrt(real(-2.0) * ${call}log(uniform))
                            angle = real(words[${j % 4 + 1}]) * real(2.0 * math.pi * 2.0**-32)
                            scratch[${s.row[normals[j]]}, entry] = radius * ${call}cos(angle)
% if j + 1 < len(normals):
                            scratch[${s.row[normals[j + 1]]}, entry] = radius * ${call}sin(angle)
% endif
% endfor
% endfor
% endif
