"""Every key path that tomllib yields has a line, and it is the right one."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from eupnea.lines import index, nearest_line, paths

KEYS = st.one_of(
    st.text("abz_-09", min_size=1, max_size=4),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\r"), max_size=4),
)
STRINGS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
PLAIN = st.sampled_from(
    ["1", "-2.5e3", "true", "1979-05-27T07:32:00Z", "07:32:00", "1979-05-27", "0xff", "inf", "nan", "1_000"]
)


def quoted(text):
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text)
    return '"' + escaped.replace('"', '\\"') + '"' if "\\" not in text else '"' + escape(text) + '"'


def escape(text):
    table = {"\\": "\\\\", '"': '\\"'}
    return "".join(table.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)


def key(text, draw):
    bare = text and all(c in "abcdefghijklmnopqrstuvwxyz_-0123456789" for c in text)
    if bare and draw(st.booleans()):
        return text
    if "'" not in text and all(32 <= ord(c) != 127 for c in text) and draw(st.booleans()):
        return f"'{text}'"
    return '"' + escape(text) + '"'


@st.composite
def values(draw, depth=0):
    kind = draw(
        st.sampled_from(["plain", "basic", "literal", "multi", "raw", *(["array", "inline"] if depth < 3 else [])])
    )
    if kind == "plain":
        return draw(PLAIN)
    if kind == "basic":
        return '"' + escape(draw(STRINGS)) + '"'
    if kind == "literal":
        return "'" + draw(STRINGS).replace("'", "") + "'"
    if kind == "multi":
        body = draw(
            st.lists(
                st.sampled_from(['"', '""', "# no", "[x]", "a = 1", "\n", '\\"', "\\\n  ", "é", "'''"]), max_size=8
            )
        )
        text = "".join(body)
        while '"""' in text:
            text = text.replace('"""', '""')
        return '"""' + text.rstrip('"') + draw(st.sampled_from(["", " ", '\\"'])) + '"""'
    if kind == "raw":
        return "'''" + draw(st.sampled_from(["", "\n[y]\n", '"""', "a'b", "''x", "\\"])) + "'''"
    items = draw(st.integers(0, 3))
    if kind == "array":
        gap = draw(st.sampled_from(["", " ", "\n", " # c ]\n", "\n\n  "]))
        inner = f",{gap}".join(draw(values(depth + 1)) for _ in range(items))
        return f"[{gap}{inner}{gap if items else ''}{draw(st.sampled_from(['', ','])) if items else ''}]"
    names = draw(st.lists(KEYS, min_size=items, max_size=items, unique=True))
    return "{" + ", ".join(f"{key(n, draw)} = {draw(values(depth + 1))}" for n in names) + "}"


@st.composite
def documents(draw):
    """Lines of TOML in every style; what tomllib refuses (a table twice ...) is dropped line by line."""
    text = ""
    for _ in range(draw(st.integers(0, 12))):
        names = draw(st.lists(KEYS, min_size=1, max_size=3))
        dotted = draw(st.sampled_from([".", " . "])).join(key(n, draw) for n in names)
        kind = draw(st.sampled_from(["pair", "pair", "pair", "table", "many", "blank"]))
        line = {
            "pair": f"{dotted}{draw(st.sampled_from(['=', ' = ']))}{draw(values())}",
            "table": f"[{dotted}]",
            "many": f"[[ {dotted} ]]",
            "blank": "",
        }[kind]
        longer = (
            text + "  " * draw(st.integers(0, 1)) + line + draw(st.sampled_from(["", " # comment = [", "  "])) + "\n"
        )
        try:
            tomllib.loads(longer)
        except ValueError:
            continue
        text = longer
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@given(documents())
def test_every_key_path_has_a_line(text):
    found = index(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for line in found.values())


@given(
    st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), values()), max_size=8, unique_by=lambda pair: pair[0])
)
def test_the_line_is_the_right_one(pairs):
    text, right = "", {}
    for name, value in pairs:
        try:
            tomllib.loads(f"{name} = {value}\n")
        except ValueError:
            continue
        right[name,] = text.count("\n") + 1
        text += f"{name} = {value}\n"
    found = index(text)
    assert {path: line for path, line in found.items() if len(path) == 1} == right


def test_a_scenario():
    text = """title = "x"
outcomes = [
  "a",  # one
  "b",
]

[[dose]]
drug = "heroin"
amount = { median = "1 mg",
  cv = 0.2 } # TOML 1.1 only
""".replace('"1 mg",\n  cv', '"1 mg", cv')
    text += '[[dose]]\n"route" = """\niv"""\nform.a = 1\n[arm.set]\n"x.y" = 1\n'
    found = index(text)
    assert found["outcomes", 1] == 4
    assert found["dose", 0, "amount", "cv"] == 9
    assert found["dose", 1, "route"] == 11
    assert found["dose", 1, "form", "a"] == 13
    assert found["arm", "set", "x.y"] == 15
    assert nearest_line(found, ("dose", 1, "drug")) == 10
    assert nearest_line(found, ("duration",)) is None
