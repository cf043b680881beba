/**
 * Bundles a job module with all that it imports into one ES module, named by the sha256 of its bytes. The bytes
 * depend on the sources alone, not on where they lie: every machine that bundles the same job gets the same
 * name. `millrace` itself stays outside, so that a job and the engine that runs it share one copy.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, extname, relative } from "node:path";
import type * as Esbuild from "esbuild";
import type { BuildFailure, Message, Plugin } from "esbuild";
import { systemClock } from "../clock.js";
import { InvalidJobError } from "../errors.js";
import { storeBundle } from "./bundle-cache.js";
import { SOURCE_ROOT } from "./source-root.js";

export interface Bundle {
  readonly sha256: string;
  /** Path of the bundle in the cache. */
  readonly file: string;
}

const EXTENSIONS = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"];
/** CommonJS packages inside an ES module still ask for `require`. */
const REQUIRE = "import { createRequire as millraceRequire } from 'node:module'; const require = millraceRequire(import.meta.url);";

/** Bundles in the making in this process. */
let building = 0;

/** Throws InvalidJobError whose first line says what is wrong, and where. */
export async function bundleJob(entry: string, cache: string): Promise<Bundle> {
  checkEntry(entry);
  // Required, for Node parses a CommonJS package twice to import it: 15 ms of a start.
  const esbuild = createRequire(import.meta.url)("esbuild") as typeof Esbuild;
  const folder = dirname(entry);
  building++;
  try {
    const result = await esbuild.build({
      entryPoints: [basename(entry)],
      absWorkingDir: folder,
      outfile: "bundle.mjs",
      write: false,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      keepNames: true,
      sourcemap: "inline",
      sourcesContent: false,
      sourceRoot: SOURCE_ROOT,
      banner: { js: REQUIRE },
      external: ["millrace", "apache-arrow"],
      plugins: [nativeAddons(folder)],
      logLevel: "silent",
    });
    const { contents } = result.outputFiles[0]!;
    const sha256 = createHash("sha256").update(contents).digest("hex");
    return { sha256, file: storeBundle(cache, sha256, contents, systemClock.date()) };
  } catch (error) {
    throw isBuildFailure(error) ? new InvalidJobError(describeFailure(error, entry)) : error;
  } finally {
    // Its service process would stay for the whole job; but it serves all that are bundled at a time.
    if (--building === 0) void esbuild.stop();
  }
}

function checkEntry(entry: string): void {
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (stat === undefined) throw new InvalidJobError(`There is no job module ${entry}`);
  if (!stat.isFile()) throw new InvalidJobError(`${entry} is no file; name the job module itself, such as ${entry}/job.ts`);
  if (!EXTENSIONS.includes(extname(entry))) throw new InvalidJobError(`${entry} is no job module: expected a file that ends in ${EXTENSIONS.join(", ")}`);
}

/** A compiled addon is not code that can be bundled: it must be there where the job runs. */
function nativeAddons(folder: string): Plugin {
  return {
    name: "native-addons",
    setup(build) {
      build.onLoad({ filter: /\.node$/ }, ({ path }) => {
        const owner = /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/](?!.*node_modules)/.exec(path)?.[1] ?? relative(folder, path);
        return { errors: [{ text: `${owner} is a native addon (${basename(path)}), which cannot be bundled with a job. Use a package without native code` }] };
      });
    },
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function describeFailure({ errors }: BuildFailure, entry: string): string {
  return errors.map((error) => describeMessage(error, entry)).join("\n");
}

function describeMessage({ text, location }: Message, entry: string): string {
  const place = location === null ? entry : `${location.file}:${location.line}:${location.column + 1}`;
  const source = location === null ? "" : `\n    ${location.lineText.trimEnd()}\n    ${" ".repeat(location.column)}^`;
  return `${place}: ${text}${advice(text, dirname(entry))}${source}`;
}

function advice(text: string, folder: string): string {
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (missing === undefined) return "";
  if (missing.startsWith(".") || missing.startsWith("/")) return ": there is no such file";
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(missing)?.[0] ?? missing;
  return `: run \`npm install ${name}\` in ${folder}`;
}
