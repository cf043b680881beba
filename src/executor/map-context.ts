import type { MapContext, TaskContext } from "../job/context.js";

type Context = TaskContext<unknown, Record<string, never>>;

/** The context of a map, which has the task's behind it: `offset` follows the reader, so it holds for the record at hand. */
export function mapContext(task: Context, place: { readonly offset: number }, file: string): MapContext<unknown, Record<string, never>> {
  return Object.create(task, { file: { value: file, enumerable: true }, offset: { get: () => place.offset, enumerable: true } }) as MapContext<unknown, Record<string, never>>;
}
