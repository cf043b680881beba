import { parseArgs, type ParseArgsConfig } from "node:util";

/** Says how a tool of this folder is used, and ends it, when that is asked for. */
export function answerHelp(usage: string): void {
  if (!process.argv.some((argument) => argument === "--help" || argument === "-h")) return;
  console.log(`Usage: ${usage}`);
  process.exit(0);
}

/** The options of a tool. What it does not know ends it with 2, and says how it is used. */
export function toolOptions<const T extends NonNullable<ParseArgsConfig["options"]>>(usage: string, options: T): ReturnType<typeof parseArgs<{ options: T }>>["values"] {
  answerHelp(usage);
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: ${usage}`);
    process.exit(2);
  }
}
