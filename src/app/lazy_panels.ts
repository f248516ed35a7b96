import { Connection } from './connection.ts';
import { make } from './dom.ts';
import { messageOf } from './message_of.ts';
import { NEWER_VERSION } from './not_loaded.ts';
import type { TourSource } from './understand/tour.ts';

/** Panels are filled the first time that they are looked at: what they are made of is loaded only then. */
const opened = new Set<HTMLElement>();

/** Fills a panel, unless it is already; where that fails it says why, and looking at it again tries again. */
async function fill(root: HTMLElement, load: () => Promise<void>): Promise<void> {
  if (opened.has(root)) return;
  opened.add(root);
  try {
    await load();
  } catch (error) {
    opened.delete(root);
    const advice = `Open this tab again to try once more. If that does not help, ${NEWER_VERSION}.`;
    root.replaceChildren(
      make('p', { class: 'problem' }, `This could not be loaded: ${messageOf(error)}. ${advice}`),
    );
  }
}

let tour: { refresh(): void } | undefined;

/** Another run or learner is on the page, or the run has come to rest. */
export const refreshTour = (): void => tour?.refresh();

/** The tour, and the two-step game. */
export async function openUnderstand(source: TourSource): Promise<void> {
  const root = document.getElementById('tour')!;
  await fill(root, async () => {
    const [{ Tour }, { TwoStepExample }] = await Promise.all([
      import('./understand/tour.ts'),
      import('./understand/two_step.ts'),
    ]);
    root.replaceChildren();
    tour = new Tour(root, source);
    new TwoStepExample(document.getElementById('two-step')!, (onError) => {
      const connection = new Connection(onError);
      return { service: connection.service, close: () => connection.close() };
    });
  });
}

/** Checking and measuring this very GPU. */
export async function openVerify(): Promise<void> {
  const root = document.getElementById('verify')!;
  await fill(root, async () => {
    const [{ VerifyPanel }, { MeasurePanel }] = await Promise.all([
      import('./verify/verify_panel.ts'),
      import('./verify/measure_panel.ts'),
    ]);
    root.replaceChildren();
    for (const Panel of [VerifyPanel, MeasurePanel]) {
      const place = make('div');
      root.append(place);
      new Panel(place);
    }
  });
}
