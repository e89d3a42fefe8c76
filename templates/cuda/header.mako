// What generated CUDA kernels call, whatever the model: precision, history, random numbers, sums over edges.
// Written by rateloom.generator.targets.support_files from templates/cuda/header.mako.
//
// A thread block is one lane block: LANES neighbouring work items (threadIdx.x) times GROUPS groups of nodes
// (threadIdx.y). Each node is advanced by BLOCK steps at once; then the thread block synchronises.
//
// REAL: the working precision. STEP: the integration scheme. NOISE, REGIONAL: whether there is noise, and whether
// a parameter differs between nodes (`columns` > 1). HALF_HISTORY: the history is in half precision. MIN_BLOCKS:
// thread blocks that a multiprocessor is to hold, which limits registers. For connectomes without delays, where
// BLOCK is 1: IN_SHARED keeps state, sums and history of a lane block in shared memory while the kernel runs; ROWS
// is the number of nodes whose sums over edges a group computes together, as a product with `dense`: weights
// (tile of ROWS receiving nodes, source, receiving node). OWN_INPUTS: each lane block has values of its inputs, of
// type GIVEN. NATIVE_MATH: equations in single precision call the device's own elementary functions. Without it,
// and always in double precision and in the noise, functions are the processor's, to the bit. Nothing is fused but
// what is written so: compile with --fmad=false.
#ifndef REAL
#define REAL float
#endif
#ifndef STEP
#define STEP heun
#endif
// what a source has for each scheme, by the scheme's name
#define JOINED(stem, name) stem##name
#define NAMED(stem, name) JOINED(stem, name)
#define STAGES NAMED(stages_, STEP)
#ifndef LANES
#define LANES 32
#endif
#ifndef GROUPS
#define GROUPS 8
#endif
#ifndef BLOCK
#define BLOCK 8
#endif
#ifndef ROWS
#define ROWS 1
#endif
#ifndef NOISE
#define NOISE 1
#endif
#ifndef REGIONAL
#define REGIONAL 1
#endif
#ifndef IN_SHARED
#define IN_SHARED 0
#endif
#ifndef MIN_BLOCKS
#define MIN_BLOCKS 1
#endif
#ifndef HALF_HISTORY
#define HALF_HISTORY 0
#endif
#ifndef OWN_INPUTS
#define OWN_INPUTS 0
#endif
#ifndef GIVEN
#define GIVEN REAL
#endif
#ifndef NATIVE_MATH
#ifdef __CUDACC__
#define NATIVE_MATH 1
#else
#define NATIVE_MATH 0
#endif
#endif
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#endif
#define INLINE static __device__ __forceinline__
#ifdef __CUDACC__
// a model need not use all that is here
#pragma nv_diag_suppress 177
#endif

typedef REAL real;

<%include file="history_values.mako"/>
// Elementary functions without branches, each the same arithmetic as on the processor.
${elementary}

// Square root, correctly rounded whatever the compiler is told of other roots.
INLINE float root(float x) { return __fsqrt_rn(x); }
INLINE double root(double x) { return sqrt(x); }

// The larger and the smaller of two numbers; a value that is NaN stays so.
INLINE real at_least(real value, real limit) { return value < limit ? limit : value; }
INLINE real at_most(real value, real limit) { return value > limit ? limit : value; }

// What is lost where a state and a smaller increment are added up; what double precision loses is left out.
INLINE float rounding_error(float state, float increment, float following) { return increment - (following - state); }
INLINE double rounding_error(double, double, double) { return 0.0; }

// An angle without whole turns, from 0 up to the period; rounding may leave less than nothing, which is carried.
INLINE real wrapped(real angle, double period)
{
    const real turn = real(period), left = fma(-floor(angle * real(1.0 / period)), turn, angle);
    const real below = left >= turn ? left - turn : left;
    return below < real(0.0) ? real(0.0) : below;
}

// Whole turns that were taken off.
INLINE real turns_between(real angle, real left, double period)
{
    return floor(fma(angle - left, real(1.0 / period), real(0.5)));
}

// What that lost: by rounding, and because a turn in single precision is not the period.
INLINE real wrapping_error(real angle, real left, double period)
{
    const real turn = real(period), turns = turns_between(angle, left, period);
    return fma(-turns, real(period - double(turn)), angle - fma(turns, turn, left));
}

// Philox4x32-10 (doi 10.1145/2063384.2063405): four random words from a counter and a key.
struct Words { unsigned int word[4]; };

INLINE Words philox(
    unsigned int counter0, unsigned int counter1, unsigned int counter2, unsigned int counter3,
    unsigned int subkey0, unsigned int subkey1)
{
    for (int turn = 0; turn < 10; turn++) {
        const unsigned int high0 = __umulhi(0xD2511F53u, counter0), low0 = 0xD2511F53u * counter0;
        const unsigned int high1 = __umulhi(0xCD9E8D57u, counter2), low1 = 0xCD9E8D57u * counter2;
        counter0 = high1 ^ counter1 ^ subkey0;
        counter1 = low1;
        counter2 = high0 ^ counter3 ^ subkey1;
        counter3 = low0;
        subkey0 += 0x9E3779B9u;
        subkey1 += 0xBB67AE85u;
    }
    return {{counter0, counter1, counter2, counter3}};
}

// Two normal deviates of two words, by Box and Muller.
INLINE void normal_pair(unsigned int word0, unsigned int word1, real& first, real& second)
{
    const real radius = root(real(-2.0) * elementary::log((real(word0) + real(0.5)) * real(2.3283064365386963e-10)));
    const real angle = real(word1) * real(1.4629180792671596e-09);
    first = radius * elementary::cos(angle);
    second = radius * elementary::sin(angle);
}

// The first of them alone.
INLINE real one_normal(unsigned int word0, unsigned int word1)
{
    real first, second;
    normal_pair(word0, word1, first, second);
    return first;
}

// Hoisted values of a node: in registers, or read from memory where they are needed.
template <int COUNT> struct Registers {
    real value[COUNT > 0 ? COUNT : 1];
    __device__ Registers(const real* hoisted, int columns, int node, int lane)
    {
        #pragma unroll
        for (int k = 0; k < COUNT; k++)
            value[k] = hoisted[((size_t)k * columns + (REGIONAL && columns > 1 ? node : 0)) * LANES + lane];
    }
    __device__ real operator[](int k) const { return value[k]; }
};
struct Memory {
    const volatile real* value;
    unsigned int stride;
    __device__ Memory(const volatile real* hoisted, int columns, int node, int lane)
        : value(hoisted + (size_t)(REGIONAL && columns > 1 ? node : 0) * LANES + lane),
          stride((REGIONAL ? columns : 1) * LANES) {}
    __device__ real operator[](int k) const
    {
        unsigned int apart = stride;
#if REGIONAL && defined(__CUDACC__)
        // hides that a row lies where it lay before: its place is computed anew, not kept in two registers
        asm volatile("" : "+r"(apart));
#endif
        return value[(size_t)k * apart];
    }
};

// A number of the history's slots. Where 2^32 slots of a lane block are 256 GiB or more, they are fewer.
template <bool FEW> struct Count { typedef unsigned int type; };
template <> struct Count<false> { typedef size_t type; };
typedef Count<(LANES * sizeof(kept) >= 64)>::type Slots;

// The edges of a connectome by receiving node, with delays in steps.
struct Edges {
    const int* row;
    const int* source;
    const int* delay;
    const real* weight;
    int n_node, horizon;
};

#if ROWS == 1
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
#else
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
#endif

// Write factors of a node into `count` slots of the ring from `slot` on.
template <int COUNT>
INLINE void fill_slots(
    kept* history, const real (&factors)[COUNT], const real* scales, real* largest, int n_node, int node, int horizon,
    int slot, int count, int group, int lane)
{
    for (int k = 0; k < COUNT; k++) {
        note_size(factors[k], largest[(k * GROUPS + group) * LANES + lane]);
        for (int there = slot; there < slot + count; there++)
            history[(((size_t)k * n_node + node) * horizon + there) * LANES + lane] = keep(factors[k], scales, k);
    }
}

// Copy rows of LANES values, a row a group at a time.
template <class Value>
INLINE void copy_rows(Value* destination, const Value* source, int rows, int group, int lane)
{
    for (size_t k = group; k < rows; k += GROUPS) destination[k * LANES + lane] = source[k * LANES + lane];
}

// Where a lane block's state, sums and history come from while they are in shared memory, and how many rows.
struct Home {
#if IN_SHARED
    real *state, *sums;
    kept* history;
    int states, exposures, slots;
#endif
};

// Take them into shared memory, if they are to be there.
INLINE Home move_in(
    real*& state, real*& sums, kept*& history, int states, int exposures, int slots, int group, int lane)
{
#if IN_SHARED
    DYNAMIC_SHARED(real, pool);
    const Home home = {state, sums, history, states, exposures, slots};
    state = pool;
    sums = state + states * LANES;
    history = (kept*)(sums + exposures * LANES);
    copy_rows(state, home.state, states, group, lane);
    copy_rows(sums, home.sums, exposures, group, lane);
    copy_rows(history, home.history, slots, group, lane);
    __syncthreads();
    return home;
#else
    return {};
#endif
}

// Bring them back.
INLINE void move_out(const Home& home, const real* state, const real* sums, const kept* history, int group, int lane)
{
#if IN_SHARED
    copy_rows(home.state, state, home.states, group, lane);
    copy_rows(home.sums, sums, home.exposures, group, lane);
    copy_rows(home.history, history, home.slots, group, lane);
#endif
}

// Find out which hoisted rows are not zero for all work items and nodes.
template <int COUNT>
INLINE void find_switches(
    bool (&on)[COUNT], const int (&rows)[COUNT], const real* hoisted, int columns, int group, int lane)
{
    if (group == 0)
        for (int k = lane; k < COUNT; k += LANES) on[k] = false;
    __syncthreads();
    for (int node = group; node < columns; node += GROUPS)
        for (int k = 0; k < COUNT; k++)
            if (hoisted[((size_t)rows[k] * columns + node) * LANES + lane] != real(0.0)) on[k] = true;
    __syncthreads();
}
