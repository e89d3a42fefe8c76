// Sums over the edges into a node for a block of steps, two edges at a time, of the factors FACTOR of the history.
template <unsigned DELAYED, int... FACTOR, class Sums>
INLINE void sum_edges(
    const Edges& edges, int node, int at, const kept* history, const bool* on, Sums& coupled, int group, int lane)
{
    constexpr int factor[] = {FACTOR...}, n = sizeof...(FACTOR);
    real total[n][BLOCK];
    bool any = false;
    #pragma unroll
    for (int k = 0; k < n; k++) {
        any |= on[k];
        #pragma unroll
        for (int ahead = 0; ahead < BLOCK; ahead++) total[k][ahead] = real(0.0);
    }
    const int horizon = edges.horizon, last = edges.row[node + any];
    for (int edge = edges.row[node]; edge < last; edge += 2) {
        // an odd edge at the end is added once more with no weight
        const int other = edge + 1 < last ? edge + 1 : edge;
        const real weight_0 = edges.weight[edge], weight_1 = edge + 1 < last ? edges.weight[other] : real(0.0);
        const Slots from_0 = (Slots)edges.source[edge] * horizon, from_1 = (Slots)edges.source[other] * horizon;
        int slot_0 = at - edges.delay[edge], slot_1 = at - edges.delay[other];
        slot_0 += slot_0 < 0 ? horizon : 0;
        slot_1 += slot_1 < 0 ? horizon : 0;
        const bool in_one_part = (slot_0 > slot_1 ? slot_0 : slot_1) + BLOCK <= horizon;
        #pragma unroll
        for (int k = 0; k < n; k++) {
            if (!on[k]) continue;
            const kept* past = history + (size_t)factor[k] * edges.n_node * horizon * LANES + lane;
            if (!(DELAYED >> k & 1)) {
                // what is taken now is there for one step alone: BLOCK is 1
                total[k][0] = fma(weight_0, recall(past[(size_t)(from_0 + at) * LANES]), total[k][0]);
                total[k][0] = fma(weight_1, recall(past[(size_t)(from_1 + at) * LANES]), total[k][0]);
            } else if (in_one_part) {
                const kept *past_0 = past + (size_t)(from_0 + slot_0) * LANES, *past_1 = past + (size_t)(from_1 + slot_1) * LANES;
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
                    total[k][ahead] = fma(weight_0, recall(past_0[ahead * LANES]), total[k][ahead]);
                    total[k][ahead] = fma(weight_1, recall(past_1[ahead * LANES]), total[k][ahead]);
                }
            } else {
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
                    const int then_0 = slot_0 + ahead - (slot_0 + ahead < horizon ? 0 : horizon);
                    const int then_1 = slot_1 + ahead - (slot_1 + ahead < horizon ? 0 : horizon);
                    total[k][ahead] = fma(weight_0, recall(past[(size_t)(from_0 + then_0) * LANES]), total[k][ahead]);
                    total[k][ahead] = fma(weight_1, recall(past[(size_t)(from_1 + then_1) * LANES]), total[k][ahead]);
                }
            }
        }
    }
    #pragma unroll
    for (int k = 0; k < n; k++) {
        #pragma unroll
        for (int ahead = 0; ahead < BLOCK; ahead++) coupled[k][group * BLOCK + ahead][lane] = total[k][ahead];
    }
}
template <int... FACTOR, class Sums>
INLINE void multiply_edges(const real*, const kept*, int, int, int, const bool*, Sums&, int, int) {}
