"""The shapes of AEP's identifiers. A non-zero seed makes them repeatable."""

from __future__ import annotations

import random
import uuid

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Identifiers:
    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed) if seed else random.SystemRandom()

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(digits * 4):0{digits}x}"

    def etag(self, now: float) -> str:
        """The quotes are part of the value, as in every documented sample."""
        return f'"{self.hex(8)}-0000-0200-0000-{int(now):08x}0000"'

    def ulid(self, now: float) -> str:
        """26 characters, the first ten of them the time: how batches are named."""
        number = (int(now * 1000) << 80) | self.random.getrandbits(80)
        return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in range(25, -1, -1))
