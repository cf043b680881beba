/** Closes a `switch` over a union: the compiler complains here when a variant is not handled. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled variant: ${JSON.stringify(value)}`);
}
