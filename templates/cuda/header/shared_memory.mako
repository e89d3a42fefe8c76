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
