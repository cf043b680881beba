/** What tells a process of a cluster to end. `disconnect`: the process that started it, as `millrace up` does, is gone. */
export type EndCall = "SIGINT" | "SIGTERM" | "SIGHUP" | "disconnect";

/** Calls `handler` for each, with how many came before. */
export function onEndCall(handler: (call: EndCall, before: number) => void): void {
  let calls = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => handler(signal, calls++));
  if (process.channel === undefined) return;
  process.once("disconnect", () => handler("disconnect", calls++));
  // To listen must not keep a process alive by itself: one that fails to start must end.
  process.channel.unref();
}

/** Tells the process that started this one, if it listens, that it is up. */
export function sayReady(): void {
  process.send?.({ type: "ready" });
  process.channel?.unref();
}
