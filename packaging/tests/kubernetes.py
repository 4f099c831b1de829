#!/usr/bin/env python3
"""Checks a Kubernetes manifest, and says how its pod would be started.

kubernetes.py schema MANIFEST WHEEL   against Kubernetes' JSON Schemas, oldest and newest of those
                                      in the wheel of the Python package kubernetes-validate
kubernetes.py args|env|user|grace|probes MANIFEST   of its only container, a word a line
"""
import json
import re
import sys
import zipfile

import jsonschema
import yaml


def documents(path):
    with open(path, encoding="utf-8") as manifest:
        return [one for one in yaml.safe_load_all(manifest) if one]


def schema_name(document):
    group, _, version = document["apiVersion"].rpartition("/")
    parts = [document["kind"].lower(), group.split(".")[0], version]
    return "-".join(part for part in parts if part) + ".json"


def schema(manifest, wheel):
    with zipfile.ZipFile(wheel) as archive:
        found = re.findall(r"^(.*/v1\.(\d+)\.0-local-strict)/", "\n".join(archive.namelist()), re.M)
        folders = sorted({(int(version), folder) for folder, version in found})
        for version, folder in (folders[0], folders[-1]):
            def read(uri, folder=folder):
                return json.loads(archive.read(folder + "/" + uri.rsplit("/", 1)[-1]))
            for document in documents(manifest):
                name = schema_name(document)
                resolver = jsonschema.RefResolver(f"file:///{name}", read(name),
                                                  handlers={"file": read, "https": read})
                jsonschema.validate(document, resolver.referrer, resolver=resolver)
            print(f"good for Kubernetes 1.{version}")


def the_pod(manifest):
    """The pod of the StatefulSet, once what has to agree agrees."""
    by_kind = {one["kind"]: one for one in documents(manifest)}
    spec = by_kind["StatefulSet"]["spec"]
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    assert by_kind["Service"]["spec"]["selector"] == labels
    assert by_kind["Service"]["metadata"]["name"] == spec["serviceName"]
    assert by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    volumes = {one["name"] for one in pod["volumes"]}
    volumes |= {one["metadata"]["name"] for one in spec["volumeClaimTemplates"]}
    assert {one["name"] for one in container["volumeMounts"]} == volumes
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"]
    ports = {one["name"] for one in container["ports"]}
    probes = [container[name] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert {one["httpGet"]["port"] for one in probes} <= ports
    return pod, container, probes


def main(what, manifest, *wheel):
    if what == "schema":
        return schema(manifest, *wheel)
    if what == "config":
        return print(*[text for one in documents(manifest) if one["kind"] == "ConfigMap"
                       for text in one["data"].values()], sep="\n")
    pod, container, probes = the_pod(manifest)
    words = {"args": container["args"],
             "env": [f"{one['name']}={one['value']}" for one in container["env"]],
             "user": [pod["securityContext"]["runAsUser"]],
             "grace": [pod["terminationGracePeriodSeconds"]],
             "probes": [one["httpGet"]["path"] for one in probes]}
    print("\n".join(map(str, words[what])))


main(*sys.argv[1:])
