// Merges what each entry of a process loads into one file: a start then opens a few files where it opened a hundred. An
// entry has its own copy of all modules but those that stay apart: other entries, which it imports lazily, the errors of the
// job API, for users ask of what class one is, whoever threw it, and the bundler, which ends esbuild's process once nobody in
// this process bundles any more. With "scripts", it merges scripts alone, and leaves the modules that they are made of as they are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { build } from "esbuild";

/** Of ES modules, in place, and what stays apart from each. */
const modules = {
  "cli/other-commands.js": [],
  "index.js": ["errors.js", "client/local-job.js", "client/run-on-cluster.js"],
  "client/local-job.js": ["errors.js", "job/bundle.js"],
  "client/run-on-cluster.js": ["errors.js", "job/bundle.js"],
};

/** Of scripts, beside them: a process or a thread starts with one, and V8 can keep their code (src/compiled-entry.ts). */
const scripts = {
  "cli/main.js": ["cli/other-commands.js"],
  "cli/run-command.js": ["import-module.js"],
  "executor/executor.js": [],
  "executor/thread-entry.js": [],
  "executor/thread.js": ["import-module.js"],
  "import-module.js": [],
};

function keepApart(entry, apart) {
  const files = new Set(apart.map((module) => resolve("dist", module)));
  return {
    name: "keep-apart",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        if (!files.has(file)) return undefined;
        const target = `./${relative(dirname(resolve("dist", entry)), file)}`;
        return { path: relative("dist", file) === "import-module.js" ? target.replace(/js$/, "cjs") : target, external: true };
      });
    },
  };
}

/** CommonJS packages inside an ES module still ask for `require`. */
const moduleBanner = `import { createRequire as millraceRequire } from 'node:module'; const require = millraceRequire(import.meta.url);`;
const scriptBanner = `const millraceUrl = require('node:url').pathToFileURL(__filename).href;`;
/** Piscina asks where it lies, for its threads' entry lies beside it. */
const piscinaBanner = ` const piscinaFolder = require.resolve('piscina').replace(/[^/\\\\]*$/, '');`;

const merged = new Set();
const files = [];

async function merge(entry, apart, options) {
  const { metafile, outputFiles } = await build({
    metafile: true,
    entryPoints: [`dist/${entry}`],
    outbase: "dist",
    outdir: "dist",
    // After all are built, for one may import what another overwrites.
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["esbuild", "apache-arrow", "nats"],
    plugins: [keepApart(entry, apart)],
    logLevel: "warning",
    ...options,
  });
  files.push(...outputFiles);
  for (const input of Object.keys(metafile.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) merged.add(name);
  }
}

for (const [entry, apart] of process.argv[2] === "scripts" ? [] : Object.entries(modules)) {
  // The other commands are many, and each loads its own part alone.
  await merge(entry, apart, { format: "esm", banner: { js: moduleBanner }, splitting: entry === "cli/other-commands.js", chunkNames: "chunks/[name]-[hash]" });
}
for (const [entry, apart] of Object.entries(scripts)) {
  const isExecutor = entry === "executor/executor.js";
  await merge(entry, apart, {
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    banner: { js: isExecutor ? scriptBanner + piscinaBanner : scriptBanner },
    define: { "import.meta.url": "millraceUrl", ...(isExecutor ? { __dirname: "piscinaFolder" } : {}) },
  });
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
