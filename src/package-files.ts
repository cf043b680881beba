/**
 * Files of this package, found from wherever this module stands: the build merges the modules of the entries
 * (`npm run build:entries`), so a path relative to a module's own source would miss.
 */
const here = import.meta.url;
const dist = here.slice(0, here.lastIndexOf("/dist/") + "/dist/".length);

/** `path` is relative to the folder of the compiled modules, such as "executor/executor.cjs". */
export function packageFile(path: string): URL {
  return new URL(path, dist);
}
