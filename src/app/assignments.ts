import type { algorithms } from '../presets.ts';

/** What was set by name, by field: the rest is what preset and algorithm say. */
export type Assignments = ReadonlyMap<string, string>;

/** Not a field of the configuration: a name for what three of its fields say together. */
export const ALGORITHM = 'algorithm';
/** A type alone, as the table itself would load the schema of all fields into the page, which only the worker needs. */
const FIELDS: Record<keyof (typeof algorithms)[string], true> = {
  sharedAgents: true,
  agentId: true,
  mixer: true,
};
/** Fields that an algorithm's name stands for. */
export const OF_ALGORITHM: readonly string[] = Object.keys(FIELDS);

/** FIELD=VALUE in its two parts; without a `=`, all of it is the field. */
export function splitAssignment(assignment: string): [field: string, text: string] {
  const equals = assignment.indexOf('=');
  return equals < 0 ? [assignment, ''] : [assignment.slice(0, equals), assignment.slice(equals + 1)];
}

/**
 * The assignments after a choice in the form. What stands for other fields takes their own assignments with it: a
 * preset all of them, an algorithm those of networks and mixer, an environment the preset.
 * @param values texts of all fields as they are now.
 */
export function assign(
  assignments: Assignments,
  values: Readonly<Record<string, string>>,
  field: string,
  text: string,
): Assignments {
  if (field === 'preset') return new Map([[field, text]]);
  const next = new Map(assignments);
  if (field === 'environment') next.delete('preset');
  if (field === ALGORITHM) for (const own of OF_ALGORITHM) next.delete(own);
  if (OF_ALGORITHM.includes(field)) spellOut(next, values);
  return next.set(field, text);
}

/** The assignments after a field was set back to its preset's value. Arguments as for `assign`. */
export function unassign(
  assignments: Assignments,
  values: Readonly<Record<string, string>>,
  field: string,
): Assignments {
  const next = new Map(assignments);
  if (field === ALGORITHM) for (const own of OF_ALGORITHM) next.delete(own);
  if (OF_ALGORITHM.includes(field)) spellOut(next, values);
  next.delete(field);
  return next;
}

/** Says by each field what the algorithm's name said, so that one of them can change alone. */
function spellOut(assignments: Map<string, string>, values: Readonly<Record<string, string>>): void {
  if (!assignments.delete(ALGORITHM)) return;
  for (const own of OF_ALGORITHM) if (!assignments.has(own)) assignments.set(own, values[own]);
}
