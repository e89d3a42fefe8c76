<%page args="s"/>\
<%! import math %>\
% if any(a.delayed for a in accumulators):
                const real own = self_weight[node];
% endif
% if weight_sum in s.leaves:
                const real ${weight_sum} = weight_sums[node];
% endif
<% late = len(s.rows) > registers_for_rows %>\
% for row, name in s.rows:
% if not late:
                const real ${name} = hoisted[(${row} * columns + node * regional) * LANES + lane];
% elif name in factors:
                const real ${name} = HOISTED(${row});
% endif
% endfor
% for name in states:
                real ${name} = state[(${loop.index} * n_node + node) * LANES + lane];
% endfor
% for k, name in s.loaded_factors:
                real ${name} = recall(history[((size_t)(${k} * n_node + node) * horizon + at) * LANES + lane]);
% endfor
% for name in exposures:
                real window_sum_${loop.index} = sums[(${loop.index} * n_node + node) * LANES + lane];
% endfor
% if factors:
                int now = at;
% endif
                int left = window - since;
                real* sampled = output + ((size_t)(whole - done) * ${len(exposures)} * n_node + node) * LANES + lane;
                for (int ahead = 0; ahead < count; ahead++) {
                    const unsigned int step = first + begin + ahead;
% if "time_now" in s.used:
                    const real time_now = real(step * step_size);
% endif
% for name in inputs:
% if name in s.leaves:
                    const size_t given_${loop.index} = (size_t)input_row[begin + ahead] * ${len(inputs)} + ${loop.index};
                    const real ${name} = input_values[given_${loop.index} * n_node + node];
% endif
% endfor
% if accumulators:
                    const int there = ROWS > 1 ? node - first_node : group * BLOCK + ahead;
% endif
% for a in accumulators:
<% total = f"coupled[{loop.index}][there][lane]" %>\
                    const real ${a.name} = ${f"fma(own, {factors[a.factor]}, {total})" if a.delayed else total};
% endfor
% for e in edge_sums:
                    real ${e.name} = real(0.0);
                    ${f"if (with_{e.name}) " if e.gates else ""}{
% for line in e.step_lines:
                        ${line}
% endfor
% if e.delayed:
                        // the undelayed edge from the node to itself comes last
                        const int end = row[node + 1];
                        for (int edge = row[node]; edge < end + (self_weight[node] != real(0.0)); edge++) {
                            const bool is_own = edge == end;
                            const int other = is_own ? node : source[edge];
                            int slot = now - (is_own ? 0 : delay[edge]);
                            slot += slot < 0 ? horizon : 0;
                            const real edge_weight = is_own ? self_weight[node] : weight[edge];
% else:
                        for (int edge = row[node]; edge < row[node + 1]; edge++) {
                            const int other = source[edge];
                            const int slot = now;
                            const real edge_weight = weight[edge];
% endif
                            const size_t from = (size_t)other * horizon + slot;
% for row, name in e.rows:
                            const real ${name} = hoisted[(${row} * columns + other * regional) * LANES + lane];
% endfor
% for name, factor in source_rows.items():
% if name in e.leaves:
                            const real ${name} = recall(history[(${f"(size_t){factor} * n_node * horizon + " if factor else ""}from) * LANES + lane]);
% endif
% endfor
% for line in e.lines:
                            ${line}
% endfor
                            ${e.name} = fma(edge_weight, ${e.results[0]}, ${e.name});
                        }
                    }
% endfor
% if normals:
#if NOISE
% for i in range(0, len(normals), 4):
                    const Words words_${i // 4} = philox(step, node, item, ${i // 4}, key0, key1);
% for j in range(i, min(i + 4, len(normals)), 2):
<% w = f"words_{i // 4}" %>\
                    const real uniform_${j // 2} = (real(${w}.word${j % 4}) + real(0.5)) * real(${2.0**-32});
                    const real radius_${j // 2} = root(real(-2.0) * elementary::log(uniform_${j // 2}));
                    const real angle_${j // 2} = real(${w}.word${j % 4 + 1}) * real(${repr(2.0 * math.pi * 2.0**-32)});
                    const real ${normals[j]} = radius_${j // 2} * elementary::cos(angle_${j // 2});
% if j + 1 < len(normals):
                    const real ${normals[j + 1]} = radius_${j // 2} * elementary::sin(angle_${j // 2});
% endif
% endfor
% endfor
#else
% for name in normals:
                    const real ${name} = real(0.0);
% endfor
#endif
% endif
% for line in s.step_lines:
                    ${line}
% endfor
% for line in (read_late([r for r in s.rows if r[1] not in factors], s.lines) if late else s.lines):
                    ${line}
% endfor
                    // every value that follows is computed before a state changes
% for result in s.exposures:
                    window_sum_${loop.index} += ${result};
% endfor
                    // zero where every state is finite, NaN where one is not
% for result in s.next_states:
                    ${"finite +=" if loop.index else "real finite ="} ${result} - ${result};
% endfor
% for name, result in s.all_factors:
                    const kept following_${loop.index} = keep(${result});
% endfor
% for name, result in s.all_states:
                    const real updated_${loop.index} = ${result};
% endfor
% for name, result in s.all_states:
                    ${name} = updated_${loop.index};
% endfor
                    if (!(finite == real(0.0)) && step < bad) bad = step;
% if factors:
                    now = now + 1 < horizon ? now + 1 : 0;
% endif
% for name, result in s.all_factors:
                    history[((size_t)(${loop.index} * n_node + node) * horizon + now) * LANES + lane] = following_${loop.index};
% if name in s.loaded_names:
                    ${name} = recall(following_${loop.index});
% endif
% endfor
                    if (--left == 0) {
                        left = window;
% for name in exposures:
                        sampled[${f"{loop.index} * " if loop.index > 1 else ""}${"n_node * LANES" if loop.index else 0}] = window_sum_${loop.index} * per_window;
                        window_sum_${loop.index} = real(0.0);
% endfor
                        sampled += ${len(exposures)} * n_node * LANES;
                    }
                }
% for name in states:
                state[(${loop.index} * n_node + node) * LANES + lane] = ${name};
% endfor
% for name in exposures:
                sums[(${loop.index} * n_node + node) * LANES + lane] = window_sum_${loop.index};
% endfor
