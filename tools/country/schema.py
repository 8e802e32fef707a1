# SPDX-License-Identifier: Apache-2.0
"""JSON Schema (2020-12), the part our schemas use, over located documents.

A keyword that is not in KEYWORDS is an error of the schema itself: nothing is silently unchecked.
$ref points into the same file ("#/$defs/field") or another one beside it
("common.schema.json#/$defs/label").
"""
import datetime
import json
import re
from pathlib import Path

import located

KEYWORDS = {"$schema", "$id", "$comment", "$defs", "$ref", "title", "description", "type",
            "properties", "required", "additionalProperties", "patternProperties", "items",
            "enum", "const", "pattern", "format", "minimum", "maximum", "minItems", "maxItems",
            "minLength", "maxLength", "uniqueItems", "anyOf", "propertyNames"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
         "null": type(None)}


class BadSchema(Exception):
    """The schema itself is wrong."""


def _is(value, name):
    if name not in TYPES:
        raise BadSchema(f"type {name} is unknown")
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def _is_date(text):
    try:
        return len(text) == 10 and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


class Schemas:
    """The schemas of a folder, read once."""

    def __init__(self, folder):
        self.files = {}
        for path in sorted(Path(folder).glob("*.schema.json")):
            self.files[path.name] = json.loads(path.read_text(encoding="utf-8"))

    def faults(self, document, name):
        """Faults of document against the schema file name."""
        if name not in self.files:
            raise BadSchema(f"{name} is missing")
        found = []
        self._check(document, document.value, (), self.files[name], name, found)
        return found

    def _resolve(self, ref, name):
        file, _, pointer = ref.partition("#")
        file = file or name
        node = self.files.get(file)
        for step in [s for s in pointer.split("/") if s]:
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            raise BadSchema(f"{name}: $ref {ref} leads nowhere")
        return node, file

    def _check(self, doc, value, place, schema, name, found):
        unknown = set(schema) - KEYWORDS
        if unknown:
            raise BadSchema(f"{name}: keyword {sorted(unknown)[0]} is not supported")
        if "$ref" in schema:
            node, file = self._resolve(schema["$ref"], name)
            self._check(doc, value, place, node, file, found)
        wanted = schema.get("type")
        kinds = [wanted] if isinstance(wanted, str) else wanted or []
        if kinds and not any(_is(value, k) for k in kinds):
            found.append(doc.fault(place, f"{' or '.join(kinds)} expected"))
            return
        self._alternatives(doc, value, place, schema, name, found)
        self._scalar(doc, value, place, schema, found)
        if isinstance(value, dict):
            self._object(doc, value, place, schema, name, found)
        elif isinstance(value, list):
            self._array(doc, value, place, schema, name, found)

    def _alternatives(self, doc, value, place, schema, name, found):
        if "anyOf" not in schema:
            return
        for option in schema["anyOf"]:
            inner = []
            self._check(doc, value, place, option, name, inner)
            if not inner:
                return
        found.append(doc.fault(place, f"{located.dumps(value)} fits none of the allowed forms"))

    def _scalar(self, doc, value, place, schema, found):
        def bad(reason):
            found.append(doc.fault(place, reason))
        if "const" in schema and value != schema["const"]:
            bad(f"{located.dumps(schema['const'])} expected")
        if "enum" in schema and value not in schema["enum"]:
            bad(f"{located.dumps(value)} is not one of {', '.join(map(str, schema['enum']))}")
        if isinstance(value, str):
            if "pattern" in schema and not re.search(schema["pattern"], value):
                bad(f"{located.dumps(value)} does not match {schema['pattern']}")
            if schema.get("format") == "date" and not _is_date(value):
                bad(f"{located.dumps(value)} is no date yyyy-MM-dd")
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9):
                bad(f"has {len(value)} characters")
        elif _is(value, "integer"):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                bad(f"{value} is out of range")

    def _object(self, doc, value, place, schema, name, found):
        for key in schema.get("required", []):
            if key not in value:
                found.append(doc.fault(place, f"{key} is missing"))
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for key, inner in value.items():
            at = place + (key,)
            if "propertyNames" in schema:
                self._check(doc, key, at, schema["propertyNames"], name, found)
            rules = [known[key]] if key in known else []
            rules += [rule for pattern, rule in patterns.items() if re.search(pattern, key)]
            more = schema.get("additionalProperties", True)
            if not rules and more is False:
                found.append(doc.fault(at, "is not a key of this object"))
            elif not rules and isinstance(more, dict):
                rules = [more]
            for rule in rules:
                self._check(doc, inner, at, rule, name, found)

    def _array(self, doc, value, place, schema, name, found):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            found.append(doc.fault(place, f"has {len(value)} items"))
        if schema.get("uniqueItems"):
            texts = [json.dumps(v, sort_keys=True) for v in value]
            for i, text in enumerate(texts):
                if text in texts[:i]:
                    found.append(doc.fault(place + (i,), "occurs twice"))
        for i, inner in enumerate(value):
            if "items" in schema:
                self._check(doc, inner, place + (i,), schema["items"], name, found)
