"""The words of Numba's Python, with the standard library's functions or with those that a module carries."""

from __future__ import annotations

from dataclasses import replace

from rateloom.generator.schemes.registry import SCHEMES
from rateloom.generator.targets.expression_text import Language
from rateloom.generator.targets.identifiers import forbidden_names

from .elementary_text import ANGLES, FUNCTIONS

_SAME_IN_MATH = (
    "exp", "expm1", "log", "log1p", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "erf", "erfc", "sqrt", "pow",
)  # fmt: skip

PYTHON = Language(
    functions={name: f"math.{name}" for name in _SAME_IN_MATH}
    | {
        name: name
        for name in (
            "at_least",
            "at_most",
            "abs",
            "rounding_error",
            "wrapped",
            "wrapping_error",
            "turns_between",
        )
    }
    | {"floor": "np.floor", "ceil": "np.ceil"},
    logic={"and": "and", "or": "or", "not": "not "},
    select=lambda condition, yes, no: f"{yes} if {condition} else {no}",
    infinity="real(np.inf)",
)

# inside loops over lanes, where a call would keep them from becoming vectors
VECTOR = replace(PYTHON, functions={**PYTHON.functions, "sqrt": "sqrt", **{name: name for name in FUNCTIONS}})

# and outside them, where a branch may be: sines of any angle, all else to the bit as inside
SCALAR = replace(VECTOR, functions={**VECTOR.functions, **{name: f"any_{name}" for name in ANGLES}})

LANGUAGES = {"fast": (VECTOR, SCALAR), "libm": (PYTHON, PYTHON)}
"""How elementary functions are written in loops over lanes, and elsewhere."""

RESERVED = (
    forbidden_names()
    | frozenset(SCHEMES)
    | frozenset(
        """
    OPTIONS CODE_OPTIONS FACTORS DELAYED ROWS STAGES build real lanes width block noisy scheme cache
    number_lanes use_wide_vectors no_vectors WIDEST stack_zeros interpreted_zeros samples room
    populate_array vector span inlined copy add_windows any_above switched_on philox normal_pair fma
    njit np math parameters step_size hoisted n_node node lane prepare fill_history clock clocks clock_values
    equations advance advance_node advance_any_node couplings noise derivatives factors exposures
    step_of rows entry coupled place ahead finite first steps parts visits source delay weight
    self_weight weight_sums items key0 key1 input_row input_values state history horizon window sums
    output diverged columns regional per_window on on_edges by_node flat ring slots drawn_for apart
    of_nodes begin at tile k visit first_node from_step to_step present sample window_end nth cell here
    row value step stop own edge is_own other slot edge_weight part words count later largest_angle
    copy_rows note_divergence edges item at_least at_most sum_tiles sum_edges write_ring close_window
    accumulators nodes by_slot rounding_error next_states wrapped wrapping_error turns_between
    wrap_means KEPT kept value load_nodes store_nodes next_window repeat_slot visited FETCH_AHEAD HALF
    LOW SUMMED_AT_ONCE SUMMED_AT_ONCE_AVX512 pointer_or_number window_pointer fetch spread add_parts
    add_vectors compare_vectors copy_vectors compile_add_windows compile_any_above compile_copy
    compiled_once any_rounding_error identity_of by_precision exp_plus exp_sum half_exp with_sign
    from_bits to_bits f32 w32 w64 any_sin any_cos any_tan sqrt exp expm1 log log1p log10 sin cos tan
    added_up any_added_up asin acos atan sinh cosh tanh erf erfc
    """.split()  # noqa: SIM905
    )
)
"""Words that no name of a model may become in a Numba module."""

RESERVED_BY_TRAVERSALS = frozenset(
    "turn traversal predict_node correct_node predict_any_node correct_any_node divmod".split()  # noqa: SIM905
) | {f"{scheme}_{verb}" for scheme in SCHEMES for verb in ("predict", "correct")}
"""The same in the module of a scheme that renews the coupling, beside those."""
