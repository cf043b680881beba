/** The command `npm run generate`: reads the command line, calls generateTo and reports on stderr. */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { generateTo } from "./generate-to.js";
import { findGenerator, generators } from "./generators/kinds.js";
import { parseSize, showSize } from "./size.js";

const USAGE = `Usage: npm run generate -- <kind> [options] <path>

Writes a seeded dataset: the same kind, size and seed give the same bytes on every machine.

Options:
  --size <size>   about how large: 1000, 500MB, 1.5GB, 64MiB (default 100MB); the last record is whole
  --seed <n>      a whole number from 0 to 2^53 - 1 (default 1)
  --force         replace the file if it exists
  --list          list the kinds and exit
  --help          show this and exit
`;

const REPORT_EVERY_MS = 1000;

interface Request {
  kind: string;
  path: string;
  bytes: number;
  seed: number;
}

async function main(args: string[]): Promise<number> {
  let request: Request;
  try {
    const { values, positionals } = readArguments(args);
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    if (values.list) {
      process.stdout.write(listKinds());
      return 0;
    }
    if (args.length === 0) {
      process.stderr.write(`${USAGE}\nKinds:\n${listKinds()}`);
      return 2;
    }
    request = checkRequest(positionals, values);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\nTry: npm run generate -- --help\n`);
    return 2;
  }
  return run(request);
}

function readArguments(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      size: { type: "string", default: "100MB" },
      seed: { type: "string", default: "1" },
      force: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

function checkRequest(positionals: string[], values: { size: string; seed: string; force: boolean }): Request {
  const [kind, path, ...rest] = positionals;
  if (kind === undefined || path === undefined) throw new RangeError("Give a kind and a path, in this order");
  if (rest.length > 0) throw new RangeError(`Give one kind and one path; "${rest.join(" ")}" is too much`);
  findGenerator(kind);
  const bytes = parseSize(values.size);
  const seed = Number(values.seed);
  if (!/^\d+$/.test(values.seed) || !Number.isSafeInteger(seed)) {
    throw new RangeError(`"${values.seed}" is no seed: give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  if (!values.force && existsSync(path)) throw new RangeError(`${path} exists: give another path, or --force to replace it`);
  return { kind, path, bytes, seed };
}

async function run(request: Request): Promise<number> {
  const started = performance.now();
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort(new Error("Interrupted: nothing was written"));
  process.once("SIGINT", onInterrupt);
  try {
    const made = await generateTo(request.path, {
      ...request,
      onProgress: reporter(request, started),
      signal: interrupted.signal,
    });
    const rate = showSize(made.bytes / ((performance.now() - started) / 1000));
    process.stderr.write(`${request.path}: ${made.records} records, ${made.bytes} bytes (${rate}/s)\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`Cannot write ${request.path}: ${messageOf(error)}\n`);
    return interrupted.signal.aborted ? 130 : 2;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

function reporter(request: Request, started: number): (bytes: number) => void {
  let reported = started;
  return (bytes) => {
    if (performance.now() - reported < REPORT_EVERY_MS) return;
    reported = performance.now();
    process.stderr.write(`${request.kind}: ${showSize(bytes)} of ${showSize(request.bytes)}\n`);
  };
}

function listKinds(): string {
  const width = Math.max(...generators.map((generator) => generator.kind.length));
  return generators.map((generator) => `  ${generator.kind.padEnd(width)}  ${generator.description}\n`).join("");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = await main(process.argv.slice(2));
