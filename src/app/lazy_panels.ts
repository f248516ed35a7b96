import { Connection } from './connection.ts';
import { make } from './dom.ts';
import type { TourSource } from './understand/tour.ts';

/** Panels are filled the first time that they are looked at: what they are made of is loaded only then. */
const opened = new Set<string>();

function opensFirst(panel: string): boolean {
  if (opened.has(panel)) return false;
  opened.add(panel);
  return true;
}

let tour: { refresh(): void } | undefined;

/** Another run is on the page, or the one that is has come to rest. */
export const refreshTour = (): void => tour?.refresh();

/** The tour, and the two-step game. */
export async function openUnderstand(source: TourSource): Promise<void> {
  if (!opensFirst('understand')) return;
  const [{ Tour }, { TwoStepExample }] = await Promise.all([
    import('./understand/tour.ts'),
    import('./understand/two_step.ts'),
  ]);
  tour = new Tour(document.getElementById('tour')!, source);
  new TwoStepExample(document.getElementById('two-step')!, async () => {
    const connection = new Connection(() => {});
    return { service: connection.service, close: () => connection.close() };
  });
}

/** Checking and measuring this very GPU. */
export async function openVerify(): Promise<void> {
  if (!opensFirst('verify')) return;
  const [{ VerifyPanel }, { MeasurePanel }] = await Promise.all([
    import('./verify/verify_panel.ts'),
    import('./verify/measure_panel.ts'),
  ]);
  const root = document.getElementById('verify')!;
  for (const Panel of [VerifyPanel, MeasurePanel]) {
    const place = make('div');
    root.append(place);
    new Panel(place);
  }
}
