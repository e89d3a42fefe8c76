// Write factors of a node into `count` slots of the ring from `slot` on.
template <int COUNT>
INLINE void fill_slots(
    kept* history, const real (&factors)[COUNT], int n_node, int node, int horizon, int slot, int count, int lane)
{
    for (int k = 0; k < COUNT; k++)
        for (int there = slot; there < slot + count; there++)
            history[(((size_t)k * n_node + node) * horizon + there) * LANES + lane] = keep(factors[k]);
}
