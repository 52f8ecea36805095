from bench import beside, wire
from bench.beside import Beside
from bench.frame import Result
from bench.hall import ServedClub
from bench.measures import heartbeats


def assert_taken(result: Result) -> None:
    assert result.runs
    for run in result.runs:
        assert min(run.ours, run.baseline, run.limit) > 0


def test_heartbeats_are_answered_by_all_three(served: ServedClub, bare: Beside) -> None:
    with beside.first_sketch(served.folder) as sketch:
        result = wire.run(heartbeats.measure(served, sketch, bare, runs=1, seconds=0.05))
    assert_taken(result)
