// Merges what each entry of a process loads into one file, in place: a start then opens a few files where it opened a
// hundred. An entry has its own copy of all modules but those that stay apart: other entries, which it imports lazily,
// the errors of the job API, for users ask of what class one is, whoever threw it, and the bundler, which ends esbuild's
// process once nobody in this process bundles any more.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { build } from "esbuild";

/** Each entry, and what stays apart from it. */
const entries = {
  "cli/main.js": ["cli/run-command.js", "cli/other-commands.js"],
  "cli/run-command.js": [],
  "cli/other-commands.js": [],
  "executor/executor.js": [],
  "executor/thread.js": [],
  "index.js": ["errors.js", "client/local-job.js", "client/run-on-cluster.js"],
  "client/local-job.js": ["errors.js", "job/bundle.js"],
  "client/run-on-cluster.js": ["errors.js", "job/bundle.js"],
};

function keepApart(entry, modules) {
  const apart = new Set(modules.map((module) => resolve("dist", module)));
  return {
    name: "keep-apart",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        return apart.has(file) ? { path: `./${relative(dirname(resolve("dist", entry)), file)}`, external: true } : undefined;
      });
    },
  };
}

// CommonJS packages inside an ES module still ask for `require`; piscina asks where it lies, for its threads' entry lies beside it.
const banner = `import { createRequire as millraceRequire } from 'node:module'; const require = millraceRequire(import.meta.url);`;
const piscina = ` const piscinaFolder = require.resolve('piscina').replace(/[^/\\\\]*$/, '');`;

const merged = new Set();
const files = [];

for (const [entry, modules] of Object.entries(entries)) {
  const isExecutor = entry === "executor/executor.js";
  const { metafile, outputFiles } = await build({
    metafile: true,
    entryPoints: [`dist/${entry}`],
    outbase: "dist",
    outdir: "dist",
    // After all are built, for one may import what another overwrites.
    write: false,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    // The other commands are many, and each loads its own part alone.
    splitting: entry === "cli/other-commands.js",
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["esbuild", "apache-arrow", "nats"],
    plugins: [keepApart(entry, modules)],
    banner: { js: isExecutor ? banner + piscina : banner },
    define: isExecutor ? { __dirname: "piscinaFolder" } : {},
    logLevel: "warning",
  });
  files.push(...outputFiles);
  for (const input of Object.keys(metafile.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) merged.add(name);
  }
}

for (const { path, contents } of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

// Copies of other people's packages go out with their licences.
const licences = [...merged].sort().map((name) => {
  const file = ["LICENSE", "LICENSE.md", "license"].map((each) => `node_modules/${name}/${each}`).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${name} is merged into dist and has no licence file`);
  return `${name}\n\n${readFileSync(file, "utf8").trim()}\n`;
});
writeFileSync("dist/THIRD-PARTY-LICENCES.txt", licences.join("\n----\n\n"));
