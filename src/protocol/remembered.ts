import * as z from "zod/mini";

/** A shape that knows its latest value again by its text: what comes with each of thousands of messages is checked once, and kept once. */
export class Remembered<T> {
  readonly shape: z.ZodMiniType<T>;
  #latest: { readonly text: string; readonly value: T } | undefined;

  constructor(shape: z.ZodMiniType<T>) {
    this.shape = z.pipe(
      z.unknown(),
      z.transform((given, context) => {
        const known = this.known(given);
        if (known !== undefined) return known;
        const parsed = shape.safeParse(given);
        if (parsed.success) {
          this.#latest = { text: JSON.stringify(given), value: parsed.data };
          return parsed.data;
        }
        for (const { message, path } of parsed.error.issues) context.issues.push({ code: "custom", message, path: [...path], input: given });
        return z.NEVER;
      }),
    );
  }

  /** The latest value, if it is the one that is given. */
  known(given: unknown): T | undefined {
    return this.#latest !== undefined && this.#latest.text === JSON.stringify(given) ? this.#latest.value : undefined;
  }
}
