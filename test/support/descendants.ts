import { readdirSync, readFileSync } from 'node:fs';

/** Numbers of all processes below one, as /proc knows them. */
export function descendants(parent: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = readStat(name);
    if (fields.length > 1) parents.set(Number(name), Number(fields[1]));
  }
  const found: number[] = [];
  for (const child of parents.keys()) {
    for (let up = parents.get(child); up !== undefined; up = parents.get(up)) {
      if (up === parent) {
        found.push(child);
        break;
      }
    }
  }
  return found;
}

/** Fields of /proc/<pid>/stat after the name, which may hold spaces; none if the process has ended. */
function readStat(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
