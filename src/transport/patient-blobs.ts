/**
 * Blobs in times in which the store may be gone with its server: the coordinator makes it anew, and puts back what jobs
 * need. Until then whoever reads or writes tries again.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../errors.js";
import { BlobError, type Transport } from "./transport.js";

const PATIENCE = 30_000;
const RETRY_PAUSE = 500;

/** The content of this sha256. Rejects with BlobError. `onWait` hears once why it is not there yet. */
export async function getBlobPatiently(transport: Transport, sha256: string, onWait?: (reason: string) => void): Promise<Uint8Array> {
  const bytes = await patiently(() => transport.getBlob(sha256), onWait);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new BlobError(`Blob ${sha256} arrived damaged: its content has another sha256`);
  return bytes;
}

/** Rejects with BlobError. */
export function putBlobPatiently(transport: Transport, sha256: string, bytes: Uint8Array): Promise<void> {
  return patiently(() => transport.putBlob(sha256, bytes));
}

async function patiently<T>(attempt: () => Promise<T>, onWait?: (reason: string) => void): Promise<T> {
  let waits = false;
  for (const giveUpAt = performance.now() + PATIENCE; ; await sleep(RETRY_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      if (!waits) onWait?.(errorText(error));
      waits = true;
    }
  }
}
