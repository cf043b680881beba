/**
 * The numbers of `ctx.random()`: sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded by the
 * task's stage and index alone, so that a task that runs again, or in another run of the job, draws the same.
 */
import type { TaskId } from "../model/ids.js";
import { parseTaskId } from "../model/ids.js";

export class TaskRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(task: TaskId) {
    const { stage, index } = parseTaskId(task);
    this.#a = stage.charCodeAt(0);
    this.#b = stage.length;
    this.#c = index;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** A number in [0, 1) with 32 random bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }
}
