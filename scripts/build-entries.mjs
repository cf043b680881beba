// Merges what each entry of a process loads into a few files, in place: a start then opens three files where it
// opened a hundred. Modules that are imported lazily become chunks of their own. `index.js` and the thread are
// one build, for a job and the engine that runs it share one copy of the job API.
import { build } from "esbuild";

const entries = [["cli/main.js"], ["executor/executor.js"], ["executor/thread.js", "index.js"]];

for (const group of entries) {
  await build({
    entryPoints: group.map((entry) => `dist/${entry}`),
    outbase: "dist",
    outdir: "dist",
    allowOverwrite: true,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["esbuild", "piscina", "apache-arrow", "nats"],
    // CommonJS packages inside an ES module still ask for `require`.
    banner: { js: "import { createRequire as millraceRequire } from 'node:module'; const require = millraceRequire(import.meta.url);" },
    logLevel: "warning",
  });
}
