"""Polars' part in each race: job, input, output, threads (by POLARS_MAX_THREADS). Lazy, streaming engine."""
import os
import sys

import polars as pl

job, source, target, threads = sys.argv[1:5]

LINES = dict(has_header=False, separator="\x01", quote_char=None, new_columns=["line"], schema={"line": pl.String})
GROUPBY = {"id1": pl.String, "id2": pl.String, "id3": pl.String, "id4": pl.Int32, "id5": pl.Int32, "id6": pl.Int32, "v1": pl.Float64, "v2": pl.Float64, "v3": pl.Float64}


def lines():
    return pl.scan_csv(source, has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String})


def groupby():
    return pl.scan_csv(source, schema=GROUPBY, quote_char=None)


def words():
    return lines().select(pl.col("line").str.split(" ").explode().alias("word")).filter(pl.col("word") != "").group_by("word").len()


def stations():
    rows = pl.scan_csv(source, has_header=False, separator=";", quote_char=None, schema={"station": pl.String, "t": pl.Float64})
    t = pl.col("t")
    return rows.group_by("station").agg(t.min().alias("least"), t.mean().alias("mean"), t.max().alias("greatest"))


def group_few():
    return groupby().group_by("id1").agg(pl.col("v1").sum())


def group_many():
    return groupby().group_by("id3").agg(pl.col("v1").sum(), pl.col("v3").mean())


def join():
    categories = pl.scan_csv(os.environ["CATEGORIES"], schema={"id6": pl.Int32, "category": pl.String})
    return groupby().join(categories, on="id6").group_by("category").agg(pl.col("v1").sum())


def sort():
    return lines().sort(pl.col("line").str.slice(0, 10))


query = {"words": words, "stations": stations, "group-few": group_few, "group-many": group_many, "join": join, "sort": sort}[job]()
result = query.collect(engine="streaming")
if job == "sort":
    result.write_csv(target, include_header=False, separator="\x01", quote_style="never", line_terminator="\r\n")
else:
    result.write_csv(target, include_header=False, separator="\t", quote_style="never")
