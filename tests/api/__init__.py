"""Questions and answers: what our functions ask, and what is made of the answers that Adobe documents."""

from hypothesis import settings

# A shared machine is slow now and then, which is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
