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
