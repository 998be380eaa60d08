#!/usr/bin/env python3
"""Takes from the Unicode CLDR what the pack needs, as one small table.

    extract.py LOCALENAMES DATES

LOCALENAMES and DATES are the unpacked packages `cldr-localenames-full` and
`cldr-dates-full`, both of version 48.2.0. The first has what countries are called;
the second what the cities are called that time zones are named after, most capitals
among them. The table is kept here as `cldr.tsv`, so that building the pack takes
neither a network nor packages.
"""

import json
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = """
    en ar bg bn ca cs da de el es et fa fi fr he hi hr hu id it ja ko lt lv nl no pl
    pt pt-PT ro ru sk sl sr sv sw th tr uk ur vi zh zh-Hant zh-Hant-HK
""".split()
# Where the CLDR says nothing, a city is called as its time zone, in these alphabets.
OTHER_SCRIPTS = set("ar bg bn el fa he hi ja ko ru sr th uk ur zh zh-Hant zh-Hant-HK".split())


def read(package, language, file):
    path = Path(package, "package", "main", language, file)
    if not path.exists():
        path = Path(package, "main", language, file)
    return json.loads(path.read_text(encoding="utf-8"))["main"][language]


def territories(package, language):
    return read(package, language, "territories.json")["localeDisplayNames"]["territories"]


def cities(package, language):
    tree = read(package, language, "timeZoneNames.json")
    zones = tree["dates"]["timeZoneNames"].get("zone", {})
    return {
        f"{continent}/{city}": entry.get("exemplarCity", "")
        for continent, members in zones.items()
        for city, entry in members.items()
    }


def names_of(code, known):
    keys = [key for key in known if key == code or key.startswith(code + "-alt-")]
    return "|".join(dict.fromkeys(known[key] for key in keys))


def city(zone, language, known):
    plain = zone.split("/")[-1].replace("_", " ")
    return known.get(zone) or ("" if language in OTHER_SCRIPTS else plain)


def main(localenames, dates):
    names = {language: territories(localenames, language) for language in LANGUAGES}
    places = {language: cities(dates, language) for language in LANGUAGES}
    lines = [["code", "what", *LANGUAGES]]
    for source in ["countries.toml", "organisations.toml"]:
        with open(HERE / source, "rb") as file:
            actors = tomllib.load(file)["actor"].values()
        for actor in actors:
            if code := actor.get("cldr"):
                row = [names_of(code, names[language]) for language in LANGUAGES]
                lines.append([code, "name", *row])
            if zone := actor.get("zone"):
                row = [city(zone, language, places[language]) for language in LANGUAGES]
                lines.append([code, "capital", *row])
    text = "".join("\t".join(line) + "\n" for line in lines)
    Path(HERE / "cldr.tsv").write_text(text, encoding="utf-8")


main(*sys.argv[1:])
