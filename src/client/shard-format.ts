export type ShardFormat = "text" | "csv" | "tsv" | "jsonl" | "records";

/** By the ending of the name, without that of a compression. */
export function formatOf(path: string): ShardFormat {
  const ending = /\.(\w+)(?:\.(?:gz|br|zst))?$/.exec(path)?.[1] ?? "";
  return ending === "csv" || ending === "tsv" || ending === "jsonl" ? ending : ending === "ndjson" ? "jsonl" : "text";
}
