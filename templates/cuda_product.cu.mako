#if ROWS > 1
            // coupling: of the product of the matrix of weights and the factors of all nodes, each group takes
            // ROWS rows, and each of its threads a part of them for as many lanes as there are parts
            if (first_node) __syncthreads();  // the sums before these have been used
            const int tile = first_node / ROWS + group;
            if (tile * ROWS < n_node) {
                const Weights* weights = (const Weights*)(dense + (size_t)tile * n_node * ROWS) + lane % SIDE;
% for a in accumulators:
                {
                    real total[ROWS / SIDE][SIDE] = {};
                    const size_t now = ${f"{a.factor} * (size_t)n_node * SLOTS + at" if a.factor else "at"};
                    const Values* values = (const Values*)(history + now * LANES + lane / SIDE * SIDE);
% if a.gates:
                    const int sources = with_${a.name} ? n_node : 0;
% else:
                    const int sources = n_node;
% endif
                    #pragma unroll 4
                    for (int other = 0; other < sources; other++) {
                        const Weights by_row = weights[other * SIDE];
                        const Values by_lane = values[other * SLOTS * (LANES / SIDE)];
                        #pragma unroll
                        for (int k = 0; k < ROWS / SIDE; k++) {
                            #pragma unroll
                            for (int m = 0; m < SIDE; m++)
                                total[k][m] = fma(by_row.weight[k], recall(by_lane.lane[m]), total[k][m]);
                        }
                    }
                    #pragma unroll
                    for (int k = 0; k < ROWS / SIDE; k++) {
                        const int nth = group * ROWS + lane % SIDE * (ROWS / SIDE) + k;
                        #pragma unroll
                        for (int m = 0; m < SIDE; m++)
                            coupled[${loop.index}][nth][lane / SIDE * SIDE + m] = total[k][m];
                    }
                }
% endfor
            }
            __syncthreads();
#endif
