/**
 * Loads the ES module at a file's address. It stands apart from the modules that the build merges, since a script that runs with
 * kept code (compiled-entry.ts) can import nothing on Node 20.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(url) as Promise<Record<string, unknown>>;
}
