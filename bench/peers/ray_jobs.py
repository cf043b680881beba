"""Ray Data's part in each race: job, input, output, threads. Batches of Arrow or pandas, partial aggregates per batch."""
import collections
import logging
import sys

import ray

job, source, target, threads = sys.argv[1:5]
ray.init(num_cpus=int(threads), include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
if hasattr(ray, "data"):
    ray.data.DataContext.get_current().enable_progress_bars = False


def count_words(batch):
    counts = collections.Counter()
    for line in batch["text"]:
        counts.update(line.split(" "))
    counts.pop("", None)
    return {"word": list(counts), "n": list(counts.values())}


def write(frame):
    frame.to_csv(target, sep="\t", header=False, index=False)


def words():
    partial = ray.data.read_text(source).map_batches(count_words, batch_size=100_000).to_pandas(limit=None)
    write(partial.groupby("word")["n"].sum().reset_index())


def csv(columns, names=None, delimiter=","):
    from pyarrow import csv as arrow_csv

    read = arrow_csv.ReadOptions(column_names=names) if names else arrow_csv.ReadOptions()
    return ray.data.read_csv(source, read_options=read, parse_options=arrow_csv.ParseOptions(delimiter=delimiter), convert_options=arrow_csv.ConvertOptions(include_columns=columns))


def stations():
    from ray.data.aggregate import Max, Mean, Min

    write(csv(["station", "t"], ["station", "t"], ";").groupby("station").aggregate(Min("t"), Mean("t"), Max("t")).to_pandas())


def group_few():
    from ray.data.aggregate import Sum

    write(csv(["id1", "v1"]).groupby("id1").aggregate(Sum("v1")).to_pandas())


def group_many():
    from ray.data.aggregate import Mean, Sum

    write(csv(["id3", "v1", "v3"]).groupby("id3").aggregate(Sum("v1"), Mean("v3")).to_pandas())


@ray.remote
def nothing():
    return None


def tasks():
    ray.get([nothing.remote() for _ in range(int(source))])


{"words": words, "stations": stations, "group-few": group_few, "group-many": group_many, "tasks": tasks}[job]()
