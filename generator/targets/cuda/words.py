"""The words of CUDA C; the functions are C++ overloads, so that one text serves both precisions."""

from __future__ import annotations

from rateloom.generator.schemes.registry import SCHEMES
from rateloom.generator.targets.expression_text import Language
from rateloom.generator.targets.identifiers import forbidden_names
from rateloom.generator.targets.numba.elementary_text import FUNCTIONS

CUDA = Language(
    # a namespace of the generated source: the branch-free functions, or the device's own
    functions={name: f"math::{name}" for name in FUNCTIONS}
    | {
        "sqrt": "sqrt",
        "floor": "floor",
        "ceil": "ceil",
        "abs": "fabs",
        "at_least": "at_least",
        "at_most": "at_most",
        "rounding_error": "rounding_error",
        "wrapped": "wrapped",
        "wrapping_error": "wrapping_error",
        "turns_between": "turns_between",
    },
    logic={"and": "&&", "or": "||", "not": "!"},
    select=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
    # without headers there is no INFINITY
    infinity="(real(1.0) / real(0.0))",
)

# A node's update that reads more hoisted rows than this has no registers for them.
REGISTERS_FOR_ROWS = 24

_SCHEMES = frozenset(SCHEMES) | {f"stages_{name}" for name in SCHEMES}
RESERVED = (
    forbidden_names()
    | _SCHEMES
    | frozenset(
        """
    REAL STEP LANES GROUPS BLOCK ROWS NOISE REGIONAL IN_SHARED MIN_BLOCKS HALF_HISTORY OWN_INPUTS GIVEN
    NATIVE_MATH DYNAMIC_SHARED INLINE SIDE SLOTS ALIGNED CUDA_ON_HOST real kept recall keep elementary
    half_of scales rescaled largest note_size
    math root Words philox normal_pair Registers Memory Edges sum_edges multiply_weights copy_rows fma
    Weights Values at_least at_most parameters step_size n_node columns hoisted state slot count horizon
    history first steps row source delay weight dense self_weight weight_sums items key0 key1 input_row
    input_values window samples sums output diverged lane group lane_block node at regional factors
    there k coupled fixed switched_on switches on on_edges edges pool stored_state stored_sums
    stored_history item per_window done bad mine begin in_block whole since together first_node tile
    end_node rows cell row_size own_weight now left sampled ahead step clocks clock clock_at Clock
    JOINED NAMED STAGES end edge is_own other edge_weight finite out_ words_ unused_ window_sums kept_ values
    find_switches couplings noise derivatives exposures prepare fill_history advance
    rounding_error add_up next_states wrapped wrapping_error turns_between wrap_means Home home
    move_in move_out fill_slots multiply_edges one_normal value size_t Count Slots stages_ normals
    """.split()  # noqa: SIM905
    )
)
"""Words that no name of a model may become in CUDA source."""

RESERVED_BY_TRAVERSALS = frozenset({"traversal", "before", "handed_rows"}) | {
    f"{scheme}_{verb}" for scheme in SCHEMES for verb in ("predict", "correct")
}
"""The same in the source of a scheme that renews the coupling, beside those."""
