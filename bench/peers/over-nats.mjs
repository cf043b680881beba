// Starts `millrace up` with one worker, submits a job to it, and ends both: job input output threads [flags].
import { spawn } from "node:child_process";

const [job, input, output, threads, ...flags] = process.argv.slice(2);
const up = spawn(process.execPath, ["dist/cli/main.cjs", "up", "--workers", "1", "--slots", threads], { stdio: ["ignore", "pipe", "pipe"] });
let printed = "";
const url = await new Promise((resolve, reject) => {
  const read = (chunk) => {
    printed += chunk;
    const found = /nats:\/\/[\w.:@-]+/.exec(printed)?.[0];
    if (found !== undefined) resolve(found);
  };
  up.stdout.on("data", read);
  up.stderr.on("data", read);
  up.on("exit", () => reject(new Error(`millrace up ended:\n${printed}`)));
  setTimeout(() => reject(new Error(`millrace up named no nats:// address:\n${printed}`)), 20_000).unref();
});
try {
  const submit = spawn(process.execPath, ["dist/cli/main.cjs", "submit", job, "--nats", url, "-i", input, "-o", output, ...flags], { stdio: "inherit" });
  process.exitCode = await new Promise((resolve) => submit.on("exit", (code) => resolve(code ?? 1)));
} finally {
  up.removeAllListeners("exit");
  const gone = new Promise((resolve) => up.once("exit", resolve));
  up.kill("SIGTERM");
  await gone;
}
