"""PySpark's part in each race: job, input, output, threads. Local mode, data frames, adaptive execution as it comes."""
import os
import sys

from pyspark.sql import SparkSession, functions as f

job, source, target, threads = sys.argv[1:5]
spark = (
    SparkSession.builder.master(f"local[{threads}]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "4g")
    .config("spark.sql.shuffle.partitions", threads)
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
GROUPBY = "id1 string, id2 string, id3 string, id4 int, id5 int, id6 int, v1 double, v2 double, v3 double"


def lines():
    return spark.read.text(source)


def groupby():
    return spark.read.csv(source, schema=GROUPBY, header=True)


def write(frame):
    frame.write.csv(target, sep="\t", quote="", mode="overwrite")


def words():
    write(lines().select(f.explode(f.split("value", " ")).alias("word")).where("word <> ''").groupBy("word").count())


def stations():
    rows = spark.read.csv(source, schema="station string, t double", sep=";")
    write(rows.groupBy("station").agg(f.min("t"), f.avg("t"), f.max("t")))


def group_few():
    write(groupby().groupBy("id1").agg(f.sum("v1")))


def group_many():
    write(groupby().groupBy("id3").agg(f.sum("v1"), f.avg("v3")))


def join():
    categories = spark.read.csv(os.environ["CATEGORIES"], schema="id6 int, category string", header=True)
    write(groupby().join(f.broadcast(categories), "id6").groupBy("category").agg(f.sum("v1")))


def sort():
    rows = spark.read.option("lineSep", "\r\n").text(source)
    rows.orderBy(f.substring("value", 1, 10)).write.option("lineSep", "\r\n").mode("overwrite").text(target)


def tasks():
    spark.sparkContext.parallelize(range(int(source)), int(source)).foreach(lambda _: None)


{"words": words, "stations": stations, "group-few": group_few, "group-many": group_many, "join": join, "sort": sort, "tasks": tasks}[job]()
spark.stop()
