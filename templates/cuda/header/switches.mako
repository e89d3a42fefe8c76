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
