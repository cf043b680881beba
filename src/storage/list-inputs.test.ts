import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { InputError, TaskFailure } from "../errors.js";
import { listInputs, verifyInputs } from "./list-inputs.js";

const cwd = mkdtempSync(join(tmpdir(), "millrace-list-"));
process.once("exit", () => rmSync(cwd, { recursive: true, force: true }));
mkdirSync(join(cwd, "data/sub"), { recursive: true });
for (const name of ["b.txt", "a.txt", "c.txt.gz", ".hidden", "_SUCCESS", "sub/d.txt", "[x].txt"]) writeFileSync(join(cwd, "data", name), "12345");
symlinkSync(join(cwd, "data/a.txt"), join(cwd, "data/link.txt"));

async function names(...paths: string[]): Promise<string[]> {
  return (await listInputs(paths, { cwd })).map((file) => basename(file.path));
}

async function refused(path: string): Promise<string> {
  try {
    await listInputs([path], { cwd });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "not refused";
}

test("a folder means its visible regular files, in the order of their names, none twice", async (t) => {
  t.deepEqual(await names("data"), ["[x].txt", "a.txt", "b.txt", "c.txt.gz"]);
});

test("globs match files in subfolders, too; a name that exists is no glob", async (t) => {
  t.deepEqual(await names("data/**/*.txt"), ["[x].txt", "a.txt", "b.txt", "d.txt"]);
  t.deepEqual(await names("data/[x].txt"), ["[x].txt"]);
  t.deepEqual(await names("data/b.txt", "data/*.txt"), ["b.txt", "[x].txt", "a.txt"]);
  t.deepEqual(await names(pathToFileURL(join(cwd, "data/a.txt")).href), ["a.txt"]);
});

test("size, time and compression are recorded", async (t) => {
  const [file] = await listInputs(["data/c.txt.gz"], { cwd });
  t.like(file, { size: 5, compression: "gzip" });
  t.regex(file!.mtime, /^\d{16,}$/);
});

test("what cannot be read is refused by name", async (t) => {
  t.regex(await refused("nope.txt"), /nope\.txt: there is no such file or folder/);
  t.regex(await refused("nope/*.txt"), /nope\/\*\.txt: no file matches \(looked from/);
  mkdirSync(join(cwd, "empty"));
  t.regex(await refused("empty"), /the folder has no visible files/);
  execFileSync("mkfifo", [join(cwd, "pipe")]);
  t.regex(await refused("pipe"), /pipe is a named pipe, not a regular file/);
  t.regex(await refused("/dev/zero"), /\/dev\/zero is a device/);
  symlinkSync("circle", join(cwd, "circle"));
  t.regex(await refused("circle"), /circle: its symbolic links lead in a circle/);
  t.regex(await refused("s3://bucket/x"), /s3:\/\/ is not supported/);
});

test("a file without permission is refused for those whom permissions bind", async (t) => {
  const secret = join(cwd, "secret.txt");
  writeFileSync(secret, "x");
  chmodSync(secret, 0);
  chmodSync(cwd, 0o755);
  const script = `import { listInputs } from ${JSON.stringify(new URL("list-inputs.js", import.meta.url).href)}; await listInputs([${JSON.stringify(secret)}], { cwd: "/" }).catch((error) => console.log(error.message));`;
  // Root may read everything, so this process must not be root.
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  try {
    t.regex(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", ...asNobody, stdio: ["ignore", "pipe", "pipe"] }), /secret\.txt: no permission to read it/);
  } catch (error) {
    if (!/EACCES|ERR_MODULE_NOT_FOUND|Cannot find/.test(String((error as { stderr?: string }).stderr))) throw error;
    t.log("left out: the other user cannot read this checkout");
    t.pass();
  }
});

test("a change of an input is noticed", async (t) => {
  const path = join(cwd, "changing.txt");
  const listed = async (): Promise<void> => {
    writeFileSync(path, "12345");
    const files = await listInputs([path], { cwd });
    await verifyInputs(files);
    return void (await Promise.resolve((current = files)));
  };
  let current: Awaited<ReturnType<typeof listInputs>> = [];
  await listed();
  writeFileSync(path, "123456");
  t.regex((await t.throwsAsync(verifyInputs(current), { instanceOf: TaskFailure })).message, /had 5 bytes and has 6 now/);
  await listed();
  utimesSync(path, 1, 1);
  t.regex((await t.throwsAsync(verifyInputs(current), { instanceOf: TaskFailure })).message, /was modified while the job ran/);
  rmSync(path);
  t.regex((await t.throwsAsync(verifyInputs(current), { instanceOf: TaskFailure })).message, /vanished/);
});
