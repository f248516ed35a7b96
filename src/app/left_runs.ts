import { LIVE_FIELDS } from '../run/live_fields.ts';
import { splitAssignment } from './assignments.ts';
import type { KeptRun, RunInfo, Settings } from './service.ts';
import { isUnfinished } from './session.ts';

/** Which of the kept runs the page has to do with by itself. */

/**
 * The run that a reload, a crash or a closed tab has left: one that trained, else the one of this id, which was `shown`
 * last. Where a link asks for a run, only one of the same settings.
 */
export function leftOnPage(
  kept: readonly KeptRun[],
  link: Settings | undefined,
  shown: string,
): KeptRun | undefined {
  const fits = kept.filter(({ info }) => link === undefined || String(info.link) === String(link));
  return fits.find(({ state }) => state === 'training') ?? fits.find(({ id }) => id === shown);
}

/** Another run of the same settings that was left on its way, and that no tab has open. */
export const leftOnItsWay = (
  kept: readonly KeptRun[],
  run: Pick<RunInfo, 'id' | 'link'>,
  open: ReadonlySet<string>,
): KeptRun | undefined =>
  kept.find(
    (own) =>
      own.id !== run.id &&
      !open.has(own.id) &&
      isUnfinished(own) &&
      String(own.info.link) === String(run.link),
  );

/** Whether two links ask for runs that differ in when they end, and in nothing else. */
export function isSameRun(a: Settings, b: Settings): boolean {
  const rest = (link: Settings): string =>
    String(
      link.filter((assignment) => !LIVE_FIELDS.some((field) => field === splitAssignment(assignment)[0])),
    );
  return rest(a) === rest(b);
}
