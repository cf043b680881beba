import { decode, ProtocolError, type Shape } from "./codec.js";
import { VERSION } from "../version.js";

/** Handles a message to `reader`; one that cannot be read, as from a peer of another version, gets the answer of `unreadable`. */
export async function readable<T, R>(reader: string, shape: Shape<T>, payload: Uint8Array, handle: (message: T) => Promise<R>, unreadable: (reason: string) => R): Promise<R> {
  let message: T;
  try {
    message = decode(shape, payload);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return unreadable(`${reader}, millrace ${VERSION}, cannot read this: ${error.message}. Run the same version on all machines`);
  }
  return handle(message);
}
