"""One fuzz target under atheris: inputs that reach new code are kept and spoilt further."""

from __future__ import annotations

import atexit
import random
import signal
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["adapters", "desk", "domain", "mapping", "httpx._utils", "tomllib", "csv"]):
    from tests.fuzz.catalogue import kept, targets
    from tests.fuzz.mutate import mutated

SIZE_MAX = 64_000


def main(name: str, options: list[str]) -> None:
    """Fuzz a target until its runs are over; what breaks it is written beside the inputs that once did."""
    target = targets()[name]
    sound = target.seeds()

    def run(body: bytes) -> None:
        target.run(body)

    def spoil(body: bytes, size_max: int, seed: int) -> bytes:
        """Spoil as the tests do, or as the fuzzer does where that is not to be had."""
        chance = random.Random(seed)  # noqa: S311 - the fuzzer's own number, so that it can repeat
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(body, size_max))
        try:
            return mutated(target.kind, body, chance)[:size_max]
        except Exception:  # noqa: BLE001 - what is broken already has no structure to break
            return mutated(target.kind, chance.choice(sound), chance)[:size_max]

    with tempfile.TemporaryDirectory(prefix="fuzz-") as corpus:
        for number, body in enumerate([*sound, *kept(name)]):
            (Path(corpus) / str(number)).write_bytes(body)
        # The fuzzer's own alarm may ring once more while the interpreter shuts down, when nobody minds it any more.
        atexit.register(signal.signal, signal.SIGALRM, signal.SIG_IGN)
        atheris.Setup([sys.argv[0], *options, f"-max_len={SIZE_MAX}", corpus], run, custom_mutator=spoil)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
