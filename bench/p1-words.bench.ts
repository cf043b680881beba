import { plainWords } from "./harness/data.js";
import { sameLines } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { duckdb, limitProgram, millrace, nodePeer, pythonPeer, shell } from "./harness/peers.js";

export const builtInWords: Bench = {
  id: "p1",
  claim: "word count with the built-in words()",
  notClaimed: [
    "Other tokenisers: the words stand between single spaces, so that all contestants agree on what a word is; words() does more (Unicode letters, apostrophes), the peers split at spaces.",
    "Files that do not fit the page cache.",
    "More cores than those used here.",
  ],
  size: { quick: 100e6, full: 1e9 },
  async prepare({ size, threads }) {
    const { path, bytes } = await plainWords(size);
    const programs = [
      millrace("Millrace", "words", [path], threads),
      limitProgram("words.cpp", path, threads),
      duckdb("words", path, threads),
      pythonPeer("polars", "words", path, threads, { mostRuns: 3 }),
      pythonPeer("dask", "words", path, threads, { mostRuns: 1 }),
      pythonPeer("pyspark", "words", path, threads, { mostRuns: 3 }),
      pythonPeer("ray", "words", path, threads, { mostRuns: 1 }),
      nodePeer("naive Node", "naive.mjs", "words", path, 1, { note: "readline, split and a Map; one thread", mostRuns: 3 }),
      shell("mawk", "mawk", `mawk '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (w in n) print w "\\t" n[w] }' "$IN" > "$OUT"`, path, { note: "one thread", mostRuns: 3 }),
      shell("coreutils", "sort", `tr -s ' ' '\\n' < "$IN" | sort --parallel=${threads} -S 1G | uniq -c | awk '{ print $2 "\\t" $1 }' > "$OUT"`, path, { note: "tr, sort, uniq -c", mostRuns: 1 }),
    ];
    return [{ title: "Word count, built-in", data: `${Math.round(bytes / 1e6)} MB of words between spaces, by Zipf's law`, bytes, answer: sameLines, programs }];
  },
};
