"""Letters: what authors declare and the platform answers."""

from hypothesis import settings

# A shared machine is slow now and then, which is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
