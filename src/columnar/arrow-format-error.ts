/** Bytes that claim to be Arrow are damaged, or use what Millrace does not read. The message says what and where. */
export class ArrowFormatError extends Error {
  override readonly name = "ArrowFormatError";
}
