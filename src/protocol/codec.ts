import type * as z from "zod/mini";

/** Bytes that are not a message of the expected kind. */
export class ProtocolError extends Error {}

/** Messages travel as JSON. */
export function encode(message: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Throws a ProtocolError that says what is wrong with the bytes. */
export function decode<T>(shape: z.ZodMiniType<T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    throw new ProtocolError(`Not a message: ${(error as Error).message}`);
  }
  return checked(shape, value);
}

/** The same for a message that has been parsed already. */
export function checked<T>(shape: z.ZodMiniType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ProtocolError(`Not a valid message: ${issue?.message ?? "unknown"} at ${issue?.path.join(".") || "the top"}`);
}
