import type * as z from "zod/mini";

/** Bytes that are not a message of the expected kind. */
export class ProtocolError extends Error {}

/** A shape with a quick look at what most messages are. What that gives is what the shape would give; the shape judges all others. */
export interface QuickShape<T> {
  readonly shape: z.ZodMiniType<T>;
  readonly quick: (value: unknown) => T | undefined;
}

export type Shape<T> = z.ZodMiniType<T> | QuickShape<T>;

/** Messages travel as JSON. */
export function encode(message: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Throws a ProtocolError that says what is wrong with the bytes. */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    throw new ProtocolError(`Not a message: ${(error as Error).message}`);
  }
  return checked(shape, value);
}

/** The same for a message that has been parsed already. */
export function checked<T>(of: Shape<T>, value: unknown): T {
  if ("quick" in of) return of.quick(value) ?? checked(of.shape, value);
  const parsed = of.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ProtocolError(`Not a valid message: ${issue?.message ?? "unknown"} at ${issue?.path.join(".") || "the top"}`);
}
