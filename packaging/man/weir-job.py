#!/usr/bin/env python3
"""The manual page of job files, from their JSON Schema, so that the two cannot disagree.

weir schema job | weir-job.py TEMPLATE > weir-job.5    @KEYS@ in the template is where the keys go
"""
import json
import sys

TITLES = {
    "a-stream": "streams.NAME", "a-table": "tables.NAME", "a-pipeline": "pipelines.NAME",
    "a-step": "Steps of a pipeline", "a-route": "An entry of route", "window": "aggregate.window",
    "stop_above": "errors.stop_above", "topics": "kafka.topics", "batch": "batch of a sink",
    "retry": "retry of a sink", "roll": "file.roll",
}
SKIPPED = {"type"}  # Told in the template.


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def title_of(name):
    if name in TITLES:
        return TITLES[name]
    kind, _, rest = name.partition("-")
    return {"step": f"Step {rest}", "sink": f"Sink {rest}"}.get(kind, name)


def entries(schema):
    required = schema.get("required", [])
    for key, value in schema.get("properties", {}).items():
        text = value.get("description", "See below.")
        if key in required:
            text += " Required."
        if "default" in value:
            text += f" Default: {value['default']}."
        yield f".TP\n.B {roff(key)}\n{roff(text)}\n"


def section(title, schema):
    return f".SS {roff(title)}\n" + "".join(entries(schema))


def keys_of(schema):
    parts = [section("At the top", schema)]
    for name, definition in schema["definitions"].items():
        if name not in SKIPPED:
            parts.append(section(title_of(name), definition))
    return "".join(parts).rstrip("\n")


with open(sys.argv[1], encoding="utf-8") as template:
    print(template.read().replace("@KEYS@", keys_of(json.load(sys.stdin))), end="")
