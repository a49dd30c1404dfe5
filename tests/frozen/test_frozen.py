"""A number that moves is seen: every outcome of every shipped scenario, against what the last version gave."""

import importlib.util
import json
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("refresh", Path(__file__).with_name("refresh.py"))
refresh = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(refresh)


def test_no_number_moved_unseen():
    lines = refresh.moved(json.loads(refresh.FILE.read_text()), refresh.outcomes())
    assert not lines, (
        "numbers moved; if that is meant, run tests/frozen/refresh.py and say why in CHANGELOG.md:\n" + "\n".join(lines)
    )


def test_a_moved_number_is_named():
    old = {"some": {"all: cmax(x)": [1.0, None], "all: tmax(x)": [5.0, 5.0]}}
    new = {"some": {"all: cmax(x)": [1.001, None], "all: tmax(x)": [5.0, 5.0 + 1e-7]}}
    assert refresh.moved(old, new) == ["some, all: cmax(x): [1.0, None] -> [1.001, None]"]
