#!/usr/bin/env python3
"""Builds the world pack, `world.toml`, from the tables beside this file.

    build.py > ../world.toml

`countries.toml` and `organisations.toml` are written by hand; `cldr.tsv` is taken from
the Unicode CLDR by `extract.py`; `refused.tsv` says which of its names are not to be
taken, or only in exactly their case, and why. Nothing else is needed.
"""

import json
import sys
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
HEADER = """\
# The world: countries and territories, their capitals, international organisations.
#
# Building blocks for topics: with `alert = false`, a mention alone alerts nobody. Put
# "pack:world" into `watchlists`, and a query may say @north-korea or @un-security-council.
# An actor of yours with the same id takes the place of the one here.
#
# Built by world/build.py; change its tables, not this file. Names of territories and of
# cities are from the Unicode CLDR 48.2.0, Copyright © 2004-2026 Unicode, Inc., under the
# Unicode License v3 (world/LICENSE-UNICODE). Everything else was written for this pack.
"""
# How names of one word are declined in languages that leave no mark of themselves in
# many a name, so that the matcher cannot know: the ending, and those that take its place.
# The first ending that fits is taken; A is an a or an ä.
DECLENSIONS = {
    "cs": [("sko", "ska sku skem"), ("cko", "cka cku ckem"), ("ie", "ii ií"), ("ína", "íny íně ínu ínou")],
    "sk": [("sko", "ska sku skom"), ("cko", "cka cku ckom")],
    "pl": [
        ("ja", "ji ję ją"), ("ia", "ii ię ią"), ("na", "ny nie nę ną"), ("ska", "ski sce skę ską"),
        *[(letter, f"{letter}u {letter}em") for letter in "dkmptw"], ("n", "nu nie nem"), ("l", "la lu lem"),
    ],
    "fi": [
        ("kki", "kin kissa kista kkiin"), ("kka", "kan kassa kasta kkaan"),
        ("nti", "nnin nnissa nnista ntiin"), ("tti", "tin tissa tista ttiin"),
        *[(vowel, f"{vowel}n {vowel}ssA {vowel}stA {vowel}{vowel}n") for vowel in "aeiouyäö"],
    ],
}
# The keys of an actor in the order in which they are written.
TEXTS = ["aliases", "weak", "acronyms", "metonyms", "demonyms", "context", "unless", "member_of"]
KINDS = {"countries.toml": "country", "organisations.toml": "organisation"}
LINE_MAX = 100
# The fewest letters of a name: shorter ones are too often another word in some language
# of the script. Words of Thai stand without spaces between them, so a name of it needs
# more letters, to be found in no other.
LETTERS_MIN = {"CJK": 2, "HIRAGANA": 2, "KATAKANA": 2, "HANGUL": 2, "THAI": 5, "LATIN": 4}
LETTERS_MIN |= {"CYRILLIC": 4, "GREEK": 4}
LETTERS_MIN_ELSEWHERE = 3
# Vietnamese writes syllables apart and tells words by their marks, which the matcher
# folds: "Ba Lan" is Poland and "ba lần" is three times. So its names count as written.
AS_WRITTEN = "vi"
# How editors of the CLDR tell two of one name apart; nobody else writes so.
EDITORIAL = ["(", "（", " - ", " – ", " — ", "-variant", "SAR", "특별행정구"]


def main():
    known, by_hand = read_cldr(), read_refused()
    actors = {}
    for file, kind in KINDS.items():
        with open(HERE / file, "rb") as source:
            for name, actor in tomllib.load(source)["actor"].items():
                actors[name] = {"kind": kind, **actor}
    names = {name: wanted(known, actor.get("cldr"), "name") for name, actor in actors.items()}
    cities = {name: wanted(known, actor.get("cldr"), "capital") for name, actor in actors.items()}
    shared = shared_by_several(names)
    countries = {folded(text) for texts in names.values() for text in texts}
    print(HEADER, end="")
    for name in sorted(actors):
        actor = actors[name]
        refused = as_written(known, actor) | by_hand
        own = [text for text in names[name] if folded(text) not in shared]
        add(actor, "aliases", own, refused)
        add(actor, "aliases", declined(known, actor, own, refused), refused)
        add(actor, "metonyms", [t for t in cities[name] if folded(t) not in countries], refused)
        assert actor.get("context") or not actor.get("weak"), f"{name}: weak without context"
        print(table(name, actor), end="")


def read_cldr():
    lines = (HERE / "cldr.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    names = {(code, what): texts for code, what, *texts in rows[1:]}
    return names | {"languages": rows[0][2:]}


def read_refused():
    """Each refused name, folded, with what is to be done: `drop`, `case` or `weak`."""
    refused = {}
    for line in (HERE / "refused.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, what, _why = line.split("\t")
            assert what in ("drop", "case", "weak"), line
            refused[folded(text)] = what
    return refused


def wanted(known, code, what):
    """The names of a territory or its capital that may be taken, each once."""
    cells = known.get((code, what), [])
    texts = [unicodedata.normalize("NFC", text) for cell in cells for text in cell.split("|")]
    texts = [text.replace("’", "'").replace(" & ", " and ").strip() for text in texts]
    return [text for text in dict.fromkeys(texts) if is_name(text)]


def as_written(known, actor):
    """Those names that only Vietnamese has, to be taken in exactly their case."""
    cells = dict(zip(known["languages"], known.get((actor.get("cldr"), "name"), [])))
    own = cells.pop(AS_WRITTEN, "").split("|")
    elsewhere = {folded(text) for cell in cells.values() for text in cell.split("|")}
    return {folded(text): "case" for text in own if folded(text) not in elsewhere}


def declined(known, actor, own, refused):
    """The names of a country in other cases than the first."""
    cells = known.get((actor.get("cldr"), "name"), [])
    doubtful = {folded(text) for key in ["weak", "acronyms"] for text in actor.get(key, [])}
    there = {folded(text) for text in own}
    plain = lambda text: text in own and text.isalpha() and folded(text) not in doubtful | refused.keys()
    forms = []
    for language, cell in zip(known["languages"], cells):
        for name in filter(plain, cell.split("|")):
            for ending, others in DECLENSIONS.get(language, []):
                if name.endswith(ending):
                    stem = name.removesuffix(ending)
                    a = "a" if set(name.casefold()) & set("aou") else "ä"
                    forms += [stem + other.replace("A", a) for other in others.split()]
                    break
    forms = [form for form in dict.fromkeys(forms) if folded(form) not in there]
    return [form for form in forms if len(form) > LETTERS_MIN["LATIN"]]


def is_name(text):
    if not text or any(mark in text for mark in EDITORIAL):
        return False
    letters = [letter for letter in text if unicodedata.category(letter)[0] in "LM"]
    script = unicodedata.name(letters[0], "").split()[0] if letters else ""
    return len(letters) >= LETTERS_MIN.get(script, LETTERS_MIN_ELSEWHERE)


def folded(text):
    """Two names with one of these are one name to the matcher, near enough."""
    apart = unicodedata.normalize("NFD", text.casefold())
    latin = any("a" <= letter <= "z" for letter in apart)
    bare = [c for c in apart if not (latin and unicodedata.combining(c))]
    return "".join(bare).replace("đ", "d").replace("ø", "o").replace("ł", "l").replace("-", " ")


def shared_by_several(names):
    owners = defaultdict(set)
    for name, texts in names.items():
        for text in texts:
            owners[folded(text)].add(name)
    return {text for text, found in owners.items() if len(found) > 1}


def add(actor, key, texts, refused):
    """Adds names to a key; those that are too much like something else, to another."""
    of = lambda *keys: {folded(text) for key in keys for text in actor.get(key, [])}
    weak, cased, others = of("weak"), of("acronyms"), of("metonyms", "demonyms", "unless")
    strong = of("aliases") | {folded(actor["name"])}
    for text in texts:
        same = folded(text)
        what = refused.get(same, "case" if same in cased else key)
        # Names that differ in their marks alone are one to the matcher, yet by its marks
        # it knows the language, and so how the name is declined.
        known = same in strong | others and (text.isascii() or what != key)
        there = [actor["name"], *actor.get(key, [])]
        if what == "drop" or known or same in weak or text in there:
            continue
        if what == "case":
            capitals = dict.fromkeys([*actor.get("acronyms", []), text, text.upper()])
            actor["acronyms"] = list(capitals)
        else:
            actor[what] = [*actor.get(what, []), text]
            strong.add(same)


def table(name, actor):
    lines = [f"\n[actor.{name}]", f"name = {quoted(actor['name'])}", f'kind = "{actor["kind"]}"']
    for key in TEXTS:
        if texts := actor.get(key):
            lines += listed(key, texts)
    lines.append("alert = false")
    return "\n".join(lines) + "\n"


def listed(key, texts):
    whole = f"{key} = [{', '.join(map(quoted, texts))}]"
    if len(whole) <= LINE_MAX:
        return [whole]
    lines, line = [f"{key} = ["], "   "
    for text in map(quoted, texts):
        if len(line) + len(text) + 2 > LINE_MAX:
            lines.append(line)
            line = "   "
        line += f" {text},"
    return [*lines, line, "]"]


def quoted(text):
    # The strings of JSON are strings of TOML.
    return json.dumps(text, ensure_ascii=False)


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
main()
