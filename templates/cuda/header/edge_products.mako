// In a product of matrices a thread takes as many lanes as there are parts of a group's rows, and one part.
#define SIDE (LANES < 4 ? LANES : 4)
#define SLOTS (BLOCK + 1)
// numbers of them, powers of two, that are read at once
#define ALIGNED(bytes) __align__((bytes) < 16 ? (bytes) : 16)
struct ALIGNED(ROWS / SIDE * sizeof(real)) Weights { real weight[ROWS / SIDE]; };
struct ALIGNED(SIDE * sizeof(kept)) Values { kept lane[SIDE]; };

// Sums over the edges into ROWS nodes for one step, of one factor: a product of the weights and the values now.
template <class Sums>
INLINE void multiply_weights(
    const real* dense, const kept* values_now, int n_node, int sources, int tile, Sums& sums, int group, int lane)
{
    const Weights* weights = (const Weights*)(dense + (size_t)tile * n_node * ROWS) + lane % SIDE;
    const Values* values = (const Values*)(values_now + lane / SIDE * SIDE);
    real total[ROWS / SIDE][SIDE] = {};
    #pragma unroll 4
    for (int other = 0; other < sources; other++) {
        const Weights by_row = weights[(size_t)other * SIDE];
        const Values by_lane = values[(size_t)other * SLOTS * (LANES / SIDE)];
        #pragma unroll
        for (int k = 0; k < ROWS / SIDE; k++) {
            #pragma unroll
            for (int m = 0; m < SIDE; m++) total[k][m] = fma(by_row.weight[k], recall(by_lane.lane[m]), total[k][m]);
        }
    }
    #pragma unroll
    for (int k = 0; k < ROWS / SIDE; k++) {
        const int nth = group * ROWS + lane % SIDE * (ROWS / SIDE) + k;
        #pragma unroll
        for (int m = 0; m < SIDE; m++) sums[nth][lane / SIDE * SIDE + m] = total[k][m];
    }
}

// Sums over the edges into nodes from first_node on, of the factors FACTOR: each group takes ROWS nodes.
template <int... FACTOR, class Sums>
INLINE void multiply_edges(
    const real* dense, const kept* history, int n_node, int at, int first_node, const bool* on, Sums& coupled,
    int group, int lane)
{
    constexpr int factor[] = {FACTOR...}, n = sizeof...(FACTOR);
    if (first_node) __syncthreads();  // the sums before these have been used
    const int tile = first_node / ROWS + group;
    if (tile * ROWS < n_node) {
        #pragma unroll
        for (int k = 0; k < n; k++) {
            const kept* now = history + ((size_t)factor[k] * n_node * SLOTS + at) * LANES;
            multiply_weights(dense, now, n_node, on[k] ? n_node : 0, tile, coupled[k], group, lane);
        }
    }
    __syncthreads();
}
template <unsigned DELAYED, int... FACTOR, class Sums>
INLINE void sum_edges(const Edges&, int, int, const kept*, const bool*, Sums&, int, int) {}
