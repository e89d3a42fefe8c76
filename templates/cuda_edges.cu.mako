#if ROWS == 1
                // coupling: the sums over edges for the whole block of steps, two edges at a time
                real total[${len(accumulators)}][BLOCK];
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
% for a in accumulators:
                    total[${loop.index}][ahead] = real(0.0);
% endfor
                }
<% wanted = " || ".join(f"with_{a.name}" for a in accumulators) %>\
% if all(a.gates for a in accumulators):
                const int edge_end = row[node + ${f"({wanted})" if len(accumulators) > 1 else wanted}];
% else:
                const int edge_end = row[node + 1];
% endif
                for (int edge = row[node]; edge < edge_end; edge += 2) {
                    // an odd edge at the end is added once more with no weight
                    const int other_edge = edge + 1 < edge_end ? edge + 1 : edge;
                    const real weight_0 = weight[edge], weight_1 = edge + 1 < edge_end ? weight[other_edge] : real(0.0);
                    const unsigned int from_0 = source[edge] * horizon, from_1 = source[other_edge] * horizon;
% if any(a.delayed for a in accumulators):
                    int slot_0 = at - delay[edge], slot_1 = at - delay[other_edge];
                    slot_0 += slot_0 < 0 ? horizon : 0;
                    slot_1 += slot_1 < 0 ? horizon : 0;
                    const bool in_one_part = (slot_0 > slot_1 ? slot_0 : slot_1) + BLOCK <= horizon;
% endif
% for a in accumulators:
<% factor = f"{a.factor} * n_node * horizon + " if a.factor else "" %>\
                    ${f"if (with_{a.name}) " if a.gates and len(accumulators) > 1 else ""}{
                        real (&sum)[BLOCK] = total[${loop.index}];
                        const unsigned int first_0 = ${factor}from_0;
                        const unsigned int first_1 = ${factor}from_1;
% if a.delayed:
                        if (in_one_part) {
                            const kept* past_0 = history + (size_t)(first_0 + slot_0) * LANES + lane;
                            const kept* past_1 = history + (size_t)(first_1 + slot_1) * LANES + lane;
                            #pragma unroll
                            for (int ahead = 0; ahead < BLOCK; ahead++) {
                                sum[ahead] = fma(weight_0, recall(past_0[ahead * LANES]), sum[ahead]);
                                sum[ahead] = fma(weight_1, recall(past_1[ahead * LANES]), sum[ahead]);
                            }
                        } else {
                            #pragma unroll
                            for (int ahead = 0; ahead < BLOCK; ahead++) {
                                const int then_0 = slot_0 + ahead - (slot_0 + ahead < horizon ? 0 : horizon);
                                const int then_1 = slot_1 + ahead - (slot_1 + ahead < horizon ? 0 : horizon);
                                const size_t place_0 = first_0 + then_0, place_1 = first_1 + then_1;
                                sum[ahead] = fma(weight_0, recall(history[place_0 * LANES + lane]), sum[ahead]);
                                sum[ahead] = fma(weight_1, recall(history[place_1 * LANES + lane]), sum[ahead]);
                            }
                        }
% else:
                        // what is taken now is there for one step alone: BLOCK is 1
                        const size_t place_0 = first_0 + at, place_1 = first_1 + at;
                        sum[0] = fma(weight_0, recall(history[place_0 * LANES + lane]), sum[0]);
                        sum[0] = fma(weight_1, recall(history[place_1 * LANES + lane]), sum[0]);
% endif
                    }
% endfor
                }
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
% for a in accumulators:
                    coupled[${loop.index}][group * BLOCK + ahead][lane] = total[${loop.index}][ahead];
% endfor
                }
#endif
