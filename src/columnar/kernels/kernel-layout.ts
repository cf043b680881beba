/** Hands out addresses in the memory of kernels, each a multiple of 16. */
export class KernelLayout {
  end: number;

  constructor(start = 0) {
    this.end = start;
  }

  take(bytes: number): number {
    const at = this.end;
    this.end = aligned16(at + bytes);
    return at;
  }
}

export function aligned16(at: number): number {
  return Math.ceil(at / 16) * 16;
}
