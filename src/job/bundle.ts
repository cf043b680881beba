import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export async function bundleJob(entry: string, cacheDir: string): Promise<{ sha256: string; file: string; inputs: readonly string[] }> {
  const { build } = await import("esbuild");
  const shim = join(cacheDir, "node_modules", "millrace");
  mkdirSync(shim, { recursive: true });
  writeFileSync(join(shim, "package.json"), '{"type":"module","main":"index.js"}');
  writeFileSync(join(shim, "index.js"), `export * from "${new URL("../index.js", import.meta.url).href}";\n`);
  const result = await build({
    entryPoints: [basename(entry)], absWorkingDir: dirname(entry), bundle: true, format: "esm", platform: "node", target: "node20", outfile: "bundle.mjs", write: false,
    keepNames: true, logLevel: "silent", sourcemap: "inline", sourcesContent: false, sourceRoot: "job:///", external: ["millrace", "apache-arrow"], metafile: true,
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const bytes = result.outputFiles[0]!.contents;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = join(cacheDir, `${sha256}.mjs`);
  writeFileSync(file, bytes);
  return { sha256, file, inputs: [] };
}
