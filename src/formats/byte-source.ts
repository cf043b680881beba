/** Bytes of one input from some place on, read forward. Compressed inputs give their decompressed bytes. */
export interface ByteSource {
  /** Fills as much of `target` as is at hand and returns how many bytes; 0 only at the end. */
  read(target: Uint8Array): number | Promise<number>;
  close(): void;
}
