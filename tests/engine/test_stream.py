"""Random numbers depend on seed, name and person, and on nothing else."""

import numpy as np

from eupnea.core import stream


def test_philox_gives_its_published_words(monkeypatch):
    """Known answer of Philox4x32-10 with counter and key 0.  [salmon2011, Random123 kat_vectors]"""

    class Zero:
        def digest(self):
            return bytes(32)

    monkeypatch.setattr(stream.hashlib, "sha256", lambda _: Zero())
    words = [int(word[0]) for word in stream.words(0, "", np.array([0]))]
    assert words == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def test_people_of_a_larger_run_are_the_same():
    many = stream.normal(7, "some.quantity", np.arange(1000))
    assert (stream.normal(7, "some.quantity", np.arange(10)) == many[:10]).all()
    assert (stream.normal(7, "some.quantity", np.array([500])) == many[500]).all()


def test_other_seeds_and_names_are_independent():
    who = np.arange(20_000)
    drawn = [stream.normal(seed, name, who) for seed in (1, 2) for name in ("a", "b")]
    correlation = np.corrcoef(drawn) - np.eye(4)
    assert np.abs(correlation).max() < 0.03
    for x in drawn:
        assert abs(x.mean()) < 0.03 and abs(x.std() - 1) < 0.02 and abs((x**4).mean() - 3) < 0.2


def test_uniform_covers_the_open_interval():
    u = stream.uniform(3, "u", np.arange(100_000))
    assert 0 < u.min() < 1e-4 and 1 - 1e-4 < u.max() < 1
    assert np.abs(np.histogram(u, 10, (0, 1))[0] - 10_000).max() < 500
