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
<%include file="header/macros.mako"/>
<%include file="header/history.mako"/>
// Elementary functions without branches, each the same arithmetic as on the processor.
${elementary}

<%include file="header/rounding.mako"/>
<%include file="header/angles.mako"/>
<%include file="header/random_numbers.mako"/>
<%include file="header/hoisted_rows.mako"/>
<%include file="header/edges.mako"/>
#if ROWS == 1
<%include file="header/edge_sums.mako"/>\
#else
<%include file="header/edge_products.mako"/>\
#endif

<%include file="header/history_slots.mako"/>
<%include file="header/shared_memory.mako"/>
<%include file="header/switches.mako"/>
