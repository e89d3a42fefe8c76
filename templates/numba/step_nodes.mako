% if has_angles:
copy(flat, ${rows.copies} * vector, flat, ${rows.changed} * vector, ${rows.n_changed} * vector)
for entry in range(vector):
    rows[${rows.angle}, entry] = real(0.0)
% endif
for entry in range(vector):
    ${node}(${", ".join(arguments)})
% if has_angles:
# again by the library, where an angle is beyond what the vectors' functions take
if any_above(flat, ${rows.angle} * vector, vector, largest_angle):
    copy(flat, ${rows.changed} * vector, flat, ${rows.copies} * vector, ${rows.n_changed} * vector)
    for entry in range(vector):
        ${any_node}(${", ".join(arguments)})
% endif
