/** What a process of the cluster tells its operator: one line on stderr for each event, with its time. */
export type Log = (line: string) => void;

export function processLog(name: string, write: (text: string) => void, now: () => Date): Log {
  return (line) => write(`${now().toISOString()} ${name}: ${line}\n`);
}
