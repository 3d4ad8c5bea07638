import pytest

from .world import World


@pytest.fixture
def world(aep):
    return World(aep)
