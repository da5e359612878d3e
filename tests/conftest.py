"""Nothing here asserts a time: a machine that is busy makes no test of properties fail either."""

import gc

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """What collecting made lives to the end: not looked at by each collection of garbage, a sixth of a round else."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
