import pytest

from .wishes import World


@pytest.fixture
def world(aep):
    return World(aep)
