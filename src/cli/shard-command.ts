import { Command } from "commander";
export function shardCommand(): Command { return new Command("shard"); }
