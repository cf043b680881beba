import type { MapContext, TaskContext } from "../job/context.js";
import { OpenContext } from "./task-context.js";

type Context = TaskContext<unknown, Record<string, never>>;

/** The context of a map: `offset` follows the reader, so it holds for the record at hand. */
class RecordContext extends OpenContext implements MapContext<unknown, Record<string, never>> {
  readonly file: string;
  readonly #place: { readonly offset: number };

  constructor(task: Context, place: { readonly offset: number }, file: string) {
    super(task, () => task.signal);
    this.file = file;
    this.#place = place;
  }

  get offset(): number {
    return this.#place.offset;
  }
}

export function mapContext(task: Context, place: { readonly offset: number }, file: string): MapContext<unknown, Record<string, never>> {
  return new RecordContext(task, place, file);
}
