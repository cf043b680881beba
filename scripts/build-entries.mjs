// Merges what each entry of a process loads into a few files, in place: a start then opens three files where it
// opened a hundred. Modules that are imported lazily become chunks of their own. `index.js` and the thread are
// one build, for a job and the engine that runs it share one copy of the job API.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const entries = [["cli/main.js"], ["executor/executor.js"], ["executor/thread.js", "index.js"]];

const merged = new Set();

for (const group of entries) {
  const { metafile } = await build({
    metafile: true,
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
  for (const input of Object.keys(metafile.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) merged.add(name);
  }
}

// Copies of other people's packages go out with their licences.
const licences = [...merged].sort().map((name) => {
  const file = ["LICENSE", "LICENSE.md", "license"].map((each) => `node_modules/${name}/${each}`).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${name} is merged into dist and has no licence file`);
  return `${name}\n\n${readFileSync(file, "utf8").trim()}\n`;
});
writeFileSync("dist/THIRD-PARTY-LICENCES.txt", licences.join("\n----\n\n"));
