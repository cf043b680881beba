import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobOptions } from "../client/job-options.js";
import { runLocal, type LocalOptions } from "../client/run-local.js";
import { JobFailedError } from "../errors.js";
import type { Failure } from "../model/failure.js";
import type { Manifest } from "../model/manifest.js";

/** A folder in which a test writes job modules and inputs and runs them; it goes when the test process does. */
export class LocalRuns {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-runs-"));
  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true });
  #runs = 0;

  constructor() {
    process.once("exit", this.#remove);
  }

  /** Removes the folder now. */
  close(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** The text of a file that a job or a test wrote. */
  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Writes a job module with everything of millrace in scope. */
  job(name: string, definition: string): string {
    return this.write(`${name}.ts`, `import * as m from "millrace";\nconst { defineJob, text, csv, tsv, jsonl, files, records, arrow, t, sum, count, collect, aggregate, range, words } = m;\nexport default defineJob(${definition});\n`);
  }

  async run(job: string, options: Partial<JobOptions> & Partial<LocalOptions> = {}): Promise<{ readonly manifest: Manifest; readonly output: string; readonly parts: readonly string[]; readonly log: string; readonly stages: readonly string[] }> {
    const output = join(this.folder, `out-${this.#runs++}`);
    let log = "";
    let stages: readonly string[] = [];
    const { result, onProgress } = runLocal(job, { output, threads: 2, workFolder: this.folder, onOutput: (text) => (log += text), ...options });
    onProgress((progress) => (stages = progress.stages.map(({ kind }) => kind)));
    const manifest = await result;
    return { stages, manifest, output, parts: manifest.parts.map((part) => readFileSync(join(output, part.file), "latin1")), log };
  }

  /** Runs a job that must fail, and gives why. */
  async failure(job: string, options: Partial<JobOptions> & Partial<LocalOptions> = {}): Promise<Failure> {
    try {
      await this.run(job, options);
    } catch (error) {
      if (error instanceof JobFailedError) return error.failure;
      throw error;
    }
    throw new Error("The job did not fail");
  }

  /** What runs left behind that is neither job, input nor finished output. */
  leftovers(): string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith(".") || name.startsWith("millrace-"));
  }
}
