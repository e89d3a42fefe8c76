"""Chunks of a plan: what is in them, who gets them, and what happens when somebody is lost."""

from concurrent.futures import BrokenExecutor, CancelledError, Future
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.backends.device.device_plan import DevicePlan, GroupPlan
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.studies import chunks
from rateloom.drivers.studies.chunks import Place, chunks_of, joined, run_in_chunks
from rateloom.drivers.studies.item_tables import StoppedError


def plan_of(sizes, lanes, threads=1, per_item=1000, at_once=None):
    """Groups of so many work items."""
    total = sum(sizes)
    ends = np.cumsum([0, *sizes])
    groups = [(f"wiring {k}", np.arange(a, b)) for k, (a, b) in enumerate(pairwise(ends))]
    study = SimpleNamespace(
        connectome=SimpleNamespace(n_node=1), samples=SimpleNamespace(steps_needed=per_item),
        grid=SimpleNamespace(n_item=total),
    )  # fmt: skip
    backend, own = ThreadBackend(), None
    if at_once is not None:
        backend = DeviceBackend(None, None)
        own = DevicePlan(
            None, "", tuple(GroupPlan(w, i, f"shape {w}", None, at_once, 1, 1, 0) for w, i in groups)
        )
    return Plan(study, None, None, {}, None, groups, backend, lanes, 0, threads=threads, own=own)


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5),
    lanes=st.sampled_from([1, 4, 16, 32]),
    threads=st.integers(1, 5),
    workers=st.integers(1, 50),
    per_item=st.integers(1, 10**11),
    at_once=st.one_of(st.none(), st.integers(1, 8)),
)
def test_chunks_are_whole_lane_blocks_and_hold_each_work_item_once(
    sizes, lanes, threads, workers, per_item, at_once
):
    plan = plan_of(sizes, lanes, threads, per_item, None if at_once is None else at_once * lanes)
    found = list(chunks_of(plan, workers))
    assert np.array_equal(np.concatenate(found), np.arange(sum(sizes)))
    blocks = [tuple(items[k : k + lanes]) for _, items in plan.groups for k in range(0, len(items), lanes)]
    cut = [tuple(items[k : k + lanes]) for items in found for k in range(0, len(items), lanes)]
    assert cut == blocks, "the lane blocks are those of a run in one process"
    if at_once is not None:
        assert max(len(items) for items in found) <= at_once * lanes


def test_long_work_items_make_small_chunks_and_short_ones_a_share_of_all():
    blocks = 6400
    long = list(chunks_of(plan_of([blocks * 16], 16, per_item=10**9), 4))
    short = list(chunks_of(plan_of([blocks * 16], 16, per_item=1), 4))
    assert len(long) == blocks and len(short) == 16 * 4
    assert len(next(chunks_of(plan_of([blocks * 16], 16, threads=8, per_item=10**9), 4))) == 8 * 16


def test_a_chunk_is_run_with_the_delays_of_its_group():
    plan = plan_of([10, 10, 5], 4, at_once=8)
    part = plan.backend.part(plan, np.array([12, 13]))
    assert part.groups[0][0] == "wiring 1" and part.groups[0][1].tolist() == [12, 13]
    assert part.own.groups[0].shape == "shape wiring 1"
    assert part.own.groups[0].items.tolist() == [12, 13]


def result_of(items):
    values = np.asarray(items, float)
    return LaneResult(
        np.asarray(items), np.empty((len(items), 0, 0, 0)), np.full(len(items), -1),
        {"a": values, "b": np.stack([values, -values], 1)},
    )  # fmt: skip


def test_results_are_put_together_in_their_order():
    both = joined([result_of([3, 4]), result_of([0])])
    assert both.items.tolist() == [3, 4, 0] and both.diverged_step.tolist() == [-1, -1, -1]
    assert both.measures["b"].tolist() == [[3, -3], [4, -4], [0, 0]]


class Bench:
    """A place whose chunks are done when the test says so."""

    def __init__(self, width, ahead=0, problem=None):
        self.width, self.given, self.problem = width, [], problem
        self.place = Place(self.submit, lambda: self.width, ahead, (CancelledError, BrokenExecutor))

    def submit(self, items):
        future = Future()
        self.given.append((future, items))
        if self.problem is not None:
            future.set_exception(self.problem)
        return future

    def finish(self):
        for future, items in self.given:
            if not future.done():
                future.set_result(result_of(items))


def test_every_place_gets_what_it_can_do_and_progress_is_told():
    plan, told = plan_of([64], 4, per_item=10**9), []
    one, two = Bench(1), Bench(2, ahead=1)
    results = run_in_chunks(plan, [one.place, two.place], told.append)
    found = []
    original = chunks.wait

    def wait_then_finish(pending, return_when):
        assert sum(not f.done() for f, _ in one.given) <= 1
        assert sum(not f.done() for f, _ in two.given) <= 4
        one.finish()
        two.finish()
        return original(pending, return_when=return_when)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "wait", wait_then_finish)
        found = [int(item) for result in results for item in result.items]
    assert sorted(found) == list(range(64))
    assert len(one.given) == 4 and len(two.given) == 12
    assert sum(told) == plan.node_steps


def test_what_is_not_begun_is_taken_back():
    bench = Bench(3)
    results = run_in_chunks(plan_of([64], 4, per_item=10**9), [bench.place])
    original = chunks.wait

    def first_only(pending, return_when):
        bench.given[0][0].set_result(result_of(bench.given[0][1]))
        return original(pending, return_when=return_when)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "wait", first_only)
        assert next(results).items.tolist() == [0, 1, 2, 3]
        results.close()
    assert [future.cancelled() for future, _ in bench.given] == [False, True, True]


@pytest.mark.parametrize("problem", [CancelledError(), BrokenExecutor("a process\n was killed")])
def test_lost_workers_are_one_line_that_says_how_to_go_on(problem):
    bench = Bench(2, problem=problem)
    with pytest.raises(
        StoppedError, match=r"^workers were lost \(.*go on with: rateloom sweep --resume"
    ) as e:
        list(run_in_chunks(plan_of([64], 4), [bench.place]))
    assert "\n" not in str(e.value)


def test_what_came_along_with_a_loss_is_kept():
    bench, told = Bench(2), []
    results = run_in_chunks(plan_of([64], 4, per_item=10**9), [bench.place], told.append)
    original = chunks.wait

    def one_good_one_lost(pending, return_when):
        (good, items), (lost, _) = bench.given
        lost.set_exception(BrokenExecutor("killed"))
        good.set_result(result_of(items))
        return original(pending, return_when=return_when)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "wait", one_good_one_lost)
        assert next(results).items.tolist() == [0, 1, 2, 3]
        with pytest.raises(StoppedError, match="workers were lost"):
            next(results)
    assert told == [4 * 10**9] and len(bench.given) == 2


@pytest.mark.parametrize("problem", [BrokenExecutor("killed"), RuntimeError("cannot schedule new futures")])
def test_a_place_that_takes_no_chunk_is_lost(problem):
    def refuse(items):
        raise problem

    place = Place(refuse, lambda: 1, lost=(BrokenExecutor,))
    with pytest.raises(StoppedError, match=r"^workers were lost .*go on with: rateloom sweep --resume"):
        list(run_in_chunks(plan_of([64], 4), [place]))


def test_what_is_wrong_in_a_chunk_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        list(run_in_chunks(plan_of([64], 4), [Bench(2, problem=ZeroDivisionError()).place]))
