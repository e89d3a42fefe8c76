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
