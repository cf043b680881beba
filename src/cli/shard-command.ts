import { Command, Option } from "commander";
import { formatOf, type ShardFormat } from "../client/shard-format.js";
import { runOptions, withRunOptions, type RunFlags } from "./job-command.js";
import { parseCount, parseSize } from "./parse-options.js";
import { runToEnd } from "./run-to-end.js";

interface ShardFlags extends RunFlags {
  readonly format?: ShardFormat;
  readonly schema?: string;
  readonly delimiter?: string;
  readonly header: boolean;
  readonly recordBytes?: number;
  readonly shardSize?: number;
}

export function shardCommand(): Command {
  return withRunOptions(new Command("shard"))
    .description("write a dataset as Arrow files that arrow() reads: for inputs that are read many times")
    .argument("<input...>", "files, folders or globs")
    .addOption(new Option("--format <format>", "format of the input (default: by the name of the first file)").choices(["text", "csv", "tsv", "jsonl", "records"]))
    .option("--schema <columns>", "columns to keep and their types, such as id:int64,name:utf8?")
    .option("--delimiter <character>", "delimiter of CSV")
    .option("--no-header", "CSV without a header line")
    .option("--record-bytes <n>", "bytes of a record, for --format records", parseCount)
    .option("--shard-size <size>", "bytes of input for each shard, such as 64MiB", parseSize)
    .action(async (inputs: string[], flags: ShardFlags) => {
      const { output, json = false, quiet = false, schema, delimiter, header, recordBytes, shardSize } = flags;
      const format = flags.format ?? formatOf(inputs[0]!);
      const shard = {
        format,
        ...(schema === undefined ? {} : { schema }),
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(header || format !== "csv" ? {} : { header }),
        ...(recordBytes === undefined ? {} : { recordBytes }),
      };
      process.exitCode = await runToEnd({ output, json, quiet }, async ({ signal, onProgress, onOutput }) => {
        const { shardLocal } = await import("../client/shard-local.js");
        return shardLocal(inputs, shard, { ...runOptions(flags), onOutput, ...(shardSize === undefined ? {} : { splitSize: shardSize }) }, signal, onProgress);
      });
    });
}
