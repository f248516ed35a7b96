import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processes' time in this many ticks a second, whatever its own clock (USER_HZ). */
const TICKS = 100;

/**
 * Seconds of CPU that a process and all below it have used, those that have ended and been waited for included;
 * undefined where there is no /proc. Tells what a load on the machine hides from the clock.
 */
export function cpuSeconds(root: number): number | undefined {
  const parents = new Map<number, number>();
  const times = new Map<number, number>();
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return undefined;
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // pid (command) state ppid …: the command may hold anything, so count from its end.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
      times.set(Number(name), (user + system + childUser + childSystem) / TICKS);
    } catch {
      // It ended in between.
    }
  }
  if (!times.has(root)) return undefined;
  let sum = 0;
  for (const [pid, time] of times) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root) at = parents.get(at);
    if (at === root) sum += time;
  }
  return sum;
}
