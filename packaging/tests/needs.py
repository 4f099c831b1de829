#!/usr/bin/env python3
"""Holds the table "What they need" of packaging/README.md against an installation.

needs.py README BEFORE AFTER   BEFORE and AFTER are /var/lib/dpkg/status of a bare Debian, and with
                               the packages
"""
import re
import sys

# What the image of the Containerfile adds, not for weir itself.
BESIDE = {"ca-certificates", "openssl", "systemd-standalone-sysusers",
          "systemd-standalone-tmpfiles"}
OFF = 0.1  # Sizes of ours grow; the table need not follow every kB.


def installed(path):
    with open(path, encoding="utf-8") as status:
        packages = [dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)$", text, re.M))
                    for text in status.read().split("\n\n")]
    return {one["Package"]: int(one.get("Installed-Size", 0)) for one in packages
            if one.get("Status") == "install ok installed"}


def table(path):
    with open(path, encoding="utf-8") as readme:
        section = readme.read().split("\n## What they need\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \|", section, re.M)
    return {tuple(names.split(", ")): int(size) for names, size in rows}


def main(readme, before, after):
    had = installed(before)
    new = {name: size for name, size in installed(after).items()
           if name not in had and name not in BESIDE}
    rows = table(readme)
    told = rows.pop(("all",))
    wrong = [f"not in the table: {name} {new[name]}"
             for name in sorted(set(new) - {name for names in rows for name in names})]
    for names, size in [*rows.items(), (tuple(new), told)]:
        absent = [name for name in names if name not in new]
        real = sum(new.get(name, 0) for name in names)
        if absent:
            wrong.append("in the table, and not needed: " + ", ".join(absent))
        elif abs(real - size) > OFF * real:
            wrong.append(f"{names[0] if len(names) < 9 else 'all'}: {size} in the table, is {real}")
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main(*sys.argv[1:]))
