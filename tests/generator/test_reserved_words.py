"""Words that a target's templates and support use are reserved there."""

import re

import pytest
from template_words import templates, words_of

from rateloom.generator.targets.cuda import words as cuda_words
from rateloom.generator.targets.cuda.words import RESERVED as CUDA_RESERVED
from rateloom.generator.targets.numba import words as numba_words
from rateloom.generator.targets.numba.elementary_text import elementary_names
from rateloom.generator.targets.numba.support import support_names
from rateloom.generator.targets.numba.words import RESERVED as NUMBA_RESERVED
from rateloom.generator.targets.support_files import support_files


@pytest.mark.parametrize(
    ("folder", "reserved"),
    [
        ("numba", NUMBA_RESERVED | numba_words.RESERVED_BY_TRAVERSALS),
        ("cuda", CUDA_RESERVED | cuda_words.RESERVED_BY_TRAVERSALS),
    ],
    ids=["numba", "cuda"],
)
def test_a_target_reserves_every_word_of_its_templates(folder, reserved):
    words = set().union(
        *(words_of(text) for name, text in templates(folder).items() if name != "header.mako")
    )
    # names that Mako's own loops give, those that no model's name may begin like, and the program's own
    words = {w for w in words if not w.startswith("_")} - {"name", "key", "dt"}
    # a number behind a stem with an underscore is reserved with the stem
    missing = {w for w in words if w not in reserved and w.rstrip("0123456789") not in reserved}
    assert sorted(missing) == []


def test_numba_modules_reserve_all_that_the_support_gives_them():
    precise = re.compile(r"_float(?:32|64)$")
    exported = {name for name in support_names() | elementary_names() if not precise.search(name)}
    assert sorted(exported - NUMBA_RESERVED - {"pow"}) == []


def test_cuda_source_reserves_what_the_header_declares():
    header = support_files()["rateloom.cuh"]
    # what is in a namespace is seen by the namespace's name alone
    spaces = re.compile(r"^namespace (\w+) \{.*?^\}  // namespace \1", re.DOTALL | re.MULTILINE)
    declared = set(spaces.findall(header))
    outside = spaces.sub("", header)
    for pattern in (
        r"^#define (\w+)", r"^(?:template <.*?> )?struct (?:ALIGNED\(.*\) )?(\w+)", r"^typedef .*?(\w+);",
        r"^(?:INLINE|static inline) [\w<>]+ (\w+)\(",
    ):  # fmt: skip
        declared |= set(re.findall(pattern, outside, re.MULTILINE))
    assert {"LANES", "philox", "sum_edges", "Registers", "Slots", "math", "elementary", "kept"} <= declared
    assert sorted(declared - CUDA_RESERVED) == []
