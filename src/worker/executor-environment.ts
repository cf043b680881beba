/** What user code on a cluster sees of its worker's environment: what programs need to run, and nothing that may be a secret. */
const ALLOWED = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "NODE_EXTRA_CA_CERTS", "NODE_PATH"];

/** `passed`: names that the operator lets through beside these. Variables of Millrace never pass. */
export function executorEnvironment(environment: Readonly<Record<string, string | undefined>>, passed: readonly string[]): Record<string, string> {
  const names = Object.keys(environment).filter((name) => !name.startsWith("MILLRACE") && (ALLOWED.includes(name.toUpperCase()) || /^LC_/.test(name) || passed.includes(name)));
  return Object.fromEntries(names.map((name) => [name, environment[name] ?? ""]));
}
