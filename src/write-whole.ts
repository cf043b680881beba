import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Another process may write the same file: each renames a whole one into place. */
export function writeWhole(file: string, content: Uint8Array): void {
  const temporary = `${file}.${process.pid}.${process.hrtime.bigint()}.tmp`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
