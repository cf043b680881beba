import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";

const TOOLS = ["chaos/chaos", "chaos/figures", "simulation/scale", "simulation/journal-scale", "fetch-stream", "leak-soak"];

function run(tool: string, ...args: string[]): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const file = fileURLToPath(new URL(`${tool}.js`, import.meta.url));
  return new Promise((resolve) => execFile(process.execPath, [file, ...args], (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr })));
}

for (const tool of TOOLS) {
  test(`${tool} --help says how it is used, and does nothing`, async (t) => {
    const { code, stdout, stderr } = await run(tool, "--help");
    t.deepEqual([code, stderr], [0, ""]);
    t.regex(stdout, new RegExp(`^Usage: (npm run chaos -- |node dist/testing/${tool}\\.js )`));
  });
}

test("an option that a tool does not know ends it with 2, without a stack", async (t) => {
  const { code, stderr } = await run("chaos/chaos", "--sells", "x");
  t.is(code, 2);
  t.regex(stderr, /^Unknown option '--sells'.*\nUsage: npm run chaos -- /);
});
