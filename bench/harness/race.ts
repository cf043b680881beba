/**
 * A race runs programs in turn (A B C A B C ...), so that what disturbs the machine disturbs all of them. The
 * first turn fills the page cache and is not counted; its answers are compared.
 */
import { readFileSync } from "node:fs";
import type { AnswerRule } from "./answers.js";
import { clearOutput, type Program } from "./program.js";
import { runProgram, type Sample } from "./run-program.js";

export interface Race {
  readonly title: string;
  /** What ran over what, in one line. */
  readonly data: string;
  /** Bytes of input, for rates. */
  readonly bytes?: number;
  /** Tasks, for rates. */
  readonly tasks?: number;
  readonly answer: AnswerRule;
  /** The first is ours. */
  readonly programs: readonly Program[];
}

export interface Entry {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly note?: string;
  readonly budget?: number;
  /** What its last run said of itself. */
  readonly report?: string;
  /** Why it did not run, or failed. */
  readonly missing?: string;
}

export interface RaceResult {
  readonly title: string;
  readonly data: string;
  readonly bytes?: number;
  readonly tasks?: number;
  readonly answers: string;
  readonly entries: readonly Entry[];
}

export async function runRace(race: Race, runs: number, say: (line: string) => void): Promise<RaceResult> {
  const samples = new Map<Program, Sample[]>();
  const missing = new Map<Program, string>();
  for (const program of race.programs) if (program.missing !== undefined) missing.set(program, program.missing);
  let expected: string | undefined;

  for (let turn = 0; turn <= runs; turn++) {
    for (const program of race.programs) {
      const taken = samples.get(program) ?? [];
      samples.set(program, taken);
      if (missing.has(program) || taken.length >= (program.mostRuns ?? Infinity)) continue;
      clearOutput(program);
      try {
        const sample = await runProgram(program);
        say(`  ${turn === 0 ? "warm-up" : `run ${turn}`}  ${program.name}: ${sample.seconds.toFixed(2)} s`);
        // A peer that runs once has its only run counted.
        if (turn > 0 || program.mostRuns === 1) taken.push(sample);
      } catch (error) {
        if (program === race.programs[0]) throw error;
        missing.set(program, `failed: ${lastLine(error)}`);
        say(`  ${program.name} ${missing.get(program)}`);
        continue;
      }
      if (turn > 0) continue;
      const answer = race.answer.read(program);
      expected ??= answer;
      if (!race.answer.equal(expected, answer)) {
        missing.set(program, "its answer differs from ours");
        say(`  ${program.name}: its answer differs from ours (see ${program.output})`);
      } else clearOutput(program);
    }
  }
  return { title: race.title, data: race.data, ...(race.bytes === undefined ? {} : { bytes: race.bytes }), ...(race.tasks === undefined ? {} : { tasks: race.tasks }), answers: race.answer.description, entries: race.programs.map((program) => entryOf(program, samples.get(program)!, missing.get(program))) };
}

function entryOf({ name, note, budget, output, reports = false }: Program, samples: readonly Sample[], missing: string | undefined): Entry {
  return { name, samples: missing === undefined ? samples : [], ...(note === undefined ? {} : { note }), ...(budget === undefined ? {} : { budget }), ...(reports && missing === undefined ? { report: readFileSync(output, "utf8").trim() } : {}), ...(missing === undefined ? {} : { missing }) };
}

function lastLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1)!.slice(0, 200);
}
