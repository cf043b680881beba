"""Polars' part in the races of shapes: name, input (named in QUERY), output, threads (by POLARS_MAX_THREADS). Lazy, streaming engine."""
import json
import os
import sys

import polars as pl

target = sys.argv[3]
query = json.loads(os.environ["QUERY"])
TYPES = {"VARCHAR": pl.String, "INTEGER": pl.Int32, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "DATE": pl.Date}
schema = {name: TYPES[kind] for name, kind in query["columns"].items()}

if query["format"] == "jsonl":
    # A date in JSON is text.
    rows = pl.scan_ndjson(query["input"], schema={name: pl.String if kind == pl.Date else kind for name, kind in schema.items()})
elif query["format"] == "arrow":
    rows = pl.scan_ipc(query["input"])
elif query["format"] == "tsv":
    rows = pl.scan_csv(query["input"], schema=schema, has_header=False, separator="\t", quote_char=None)
else:
    rows = pl.scan_csv(query["input"], schema=schema)
frames = {"rows": rows}
if " side " in query["sql"]:
    frames["side"] = pl.scan_csv(query["side"], schema={"id": pl.String, "class": pl.String})
result = pl.SQLContext(frames).execute(query["sql"]).collect(engine="streaming")
result.write_csv(target, include_header=False, separator="\t", quote_style="never")
