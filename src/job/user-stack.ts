export function userStack(error: unknown): { message: string; stack: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: "" };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.includes("job:///"));
  return { message: `${error.name}: ${error.message}`, stack: frames.join("\n") };
}
