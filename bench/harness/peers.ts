/** Finds what the peers need: a Python environment, compiled limit programs, tools on the path. A peer without it is skipped with a notice. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { dataPath, outputPath } from "./data.js";
import type { Program } from "./program.js";

type Extra = Pick<Program, "note" | "mostRuns" | "env" | "budget" | "missing">;

/** `millrace run` of a job in bench/jobs. */
export function millrace(name: string, job: string, inputs: readonly string[], threads: number, flags: readonly string[] = [], extra: Extra = {}): Program {
  const output = outputPath(`${name}-${job}`);
  return { name, output, command: [process.execPath, "dist/cli/main.cjs", "run", `bench/jobs/${job}.ts`, "-i", ...inputs, "-o", output, "--threads", String(threads), "--overwrite", "--quiet", ...flags], ...extra };
}

/** A script of bench/peers that Node runs: script job input output threads. */
export function nodePeer(name: string, script: string, job: string, input: string, threads: number, extra: Extra = {}): Program {
  const output = outputPath(`${name}-${job}`);
  return { name, output, command: [process.execPath, `bench/peers/${script}`, job, input, output, String(threads)], ...extra };
}

export function duckdb(job: string, input: string, threads: number, extra: Extra = {}): Program {
  return nodePeer("DuckDB", "duckdb.mjs", job, input, threads, extra);
}

const TITLES = { polars: "Polars", dask: "Dask", ray: "Ray Data", pyspark: "PySpark" } as const;
type PythonPeer = keyof typeof TITLES;

/** A script of bench/peers that Python runs: script job input output threads. */
export function pythonPeer(peer: PythonPeer, job: string, input: string, threads: number, extra: Extra = {}, script = `${peer}_jobs.py`): Program {
  const name = TITLES[peer];
  const output = outputPath(`${name}-${job}`);
  const python = findPython();
  const missing = python === undefined ? "no Python environment: bench/peers/python-env.sh could not make one" : peer === "pyspark" && !onPath("java") ? "PySpark needs Java" : undefined;
  const env = { POLARS_MAX_THREADS: String(threads), RAY_USAGE_STATS_ENABLED: "0", SPARK_LOCAL_IP: "127.0.0.1", SPARK_LOCAL_HOSTNAME: "localhost", ...extra.env };
  return { name, output, command: [python ?? "python3", `bench/peers/${script}`, job, input, output, String(threads)], ...extra, env, ...(missing === undefined ? {} : { missing }) };
}

let python: { readonly path: string | undefined } | undefined;

function findPython(): string | undefined {
  if (python === undefined) {
    const made = spawnSync("bash", ["bench/peers/python-env.sh"], { encoding: "utf8" });
    python = { path: made.status === 0 ? made.stdout.trim() : undefined };
    if (made.status !== 0) process.stderr.write(`The Python peers are skipped:\n${made.stderr}\n`);
  }
  return python.path;
}

/** A C++ program of bench/peers, compiled for this machine: input output threads. */
export function limitProgram(source: string, input: string, threads: number): Program {
  const name = "C++ limit";
  const output = outputPath(`${name}-${source}`);
  const compiled = compile(source);
  return { name, output, command: [compiled.path, input, output, String(threads)], note: `our own ${source}, g++ -O3 -march=native`, ...(compiled.missing === undefined ? {} : { missing: compiled.missing }) };
}

function compile(source: string): { path: string; missing?: string } {
  const file = `bench/peers/${source}`;
  const path = join(dataPath("bin"), source.replace(/\.cpp$/, ""));
  if (!onPath("g++")) return { path, missing: "no g++" };
  mkdirSync(dataPath("bin"), { recursive: true });
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(file).mtimeMs) execFileSync("g++", ["-O3", "-march=native", "-std=c++20", "-pthread", "-o", path, file]);
  return { path };
}

/** A line of shell; `$IN` and `$OUT` are the files. */
export function shell(name: string, tool: string, line: string, input: string, extra: Extra = {}): Program {
  const output = outputPath(name);
  return { name, output, command: ["bash", "-o", "pipefail", "-c", line], ...extra, env: { IN: input, OUT: output, LC_ALL: "C", ...extra.env }, ...(onPath(tool) ? {} : { missing: `no ${tool}` }) };
}

export function onPath(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, tool)));
}
