"""Nothing here asserts a time: a machine that is busy makes no test of properties fail either."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
