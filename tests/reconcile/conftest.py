import pytest

from .cases import World


@pytest.fixture
def world(aep):
    return World(aep)
