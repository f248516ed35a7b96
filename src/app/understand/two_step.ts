import './understand.css';
import { proxy } from 'comlink';
import { make } from '../dom.ts';
import { messageOf } from '../message_of.ts';
import type { GameState, Progress, RunEnd, RunListener, RunState, TrainingService } from '../service.ts';
import { describeTwoStep, type Learned } from './two_step_words.ts';
import { valueTable } from './value_table.ts';

/** Where training is done: a worker of its own. */
interface TwoStepConnection {
  readonly service: Pick<TrainingService, 'begin' | 'game'>;
  close(): void;
}

const UPDATES = 2500;
const ALGORITHMS = [
  { name: 'QMIX', algorithm: 'qmix' },
  { name: 'VDN', algorithm: 'vdn' },
];
const SETTINGS = ['preset=game', 'environment=two-step', `updates=${UPDATES}`, 'seeds=2025'];
const ACTION_NAMES = ['first', 'second'];

/** The two-step game, in which QMIX finds the better payoff and VDN does not: trained at a press, and shown. */
export class TwoStepExample {
  private readonly train = make('button', { type: 'button', class: 'primary' }, 'Train QMIX and VDN');
  private readonly stop = make('button', { type: 'button', disabled: true }, 'Stop training them');
  private readonly meter = make('progress', { max: UPDATES * ALGORITHMS.length, hidden: true });
  private readonly meterText = make('p', { class: 'hint' });
  private readonly note = make('p', { 'aria-live': 'polite' });
  private readonly result = make('div');
  private connection: TwoStepConnection | undefined;
  /** Counts presses, so that what was stopped has no more to say. */
  private round = 0;

  constructor(
    root: HTMLElement,
    /** `onError` is to be told why the worker cannot work, where it cannot. */
    private readonly connect: (onError: (reason: string) => void) => TwoStepConnection,
  ) {
    root.classList.add('two-step');
    this.meter.setAttribute('aria-label', 'Updates made of the two-step game');
    root.append(
      make('h2', {}, 'Where VDN fails: the two-step game'),
      make(
        'p',
        {},
        'In state 1 agent 1 alone chooses where to go: its first action leads to 2A, its second to 2B. In 2A the team gets 7 whatever it does. In 2B it gets 8 where both agents take their second action, 1 where one of them does, and 0 where none does.',
      ),
      make(
        'p',
        {},
        'VDN’s Q_tot is a sum, and no sum of two numbers is 0, 1, 1 and 8. QMIX’s mixer can bend. Both are trained here, on this machine, with random moves alone, so that every joint action is tried equally often (Rashid et al. 2018, section 5).',
      ),
      make('div', { class: 'buttons' }, this.train, this.stop),
      this.meter,
      this.meterText,
      this.note,
      this.result,
    );
    this.train.addEventListener('click', () => void this.run());
    this.stop.addEventListener('click', () => this.end('Stopped.'));
  }

  private async run(): Promise<void> {
    const round = ++this.round;
    this.train.disabled = true;
    this.stop.disabled = false;
    this.stop.focus();
    this.meter.hidden = false;
    this.meter.value = 0;
    this.result.replaceChildren();
    this.note.textContent = 'Training QMIX, then VDN.';
    const learned: Learned[] = [];
    try {
      for (const [index, { name, algorithm }] of ALGORITHMS.entries()) {
        this.meterText.textContent = `${name}: getting ready`;
        this.connection = this.connect((cause) => {
          if (round === this.round) this.fail(cause);
        });
        const settings = [...SETTINGS, `algorithm=${algorithm}`];
        const states = await trained(this.connection.service, settings, (updates) => {
          if (round !== this.round) return;
          this.meter.value = index * UPDATES + updates;
          this.meterText.textContent = `${name}: ${count(updates)} of ${count(UPDATES)} updates`;
        });
        if (round !== this.round) return;
        learned.push({ name, states });
        this.close();
      }
      this.show(learned);
      this.end(describeTwoStep(learned));
    } catch (error) {
      if (round === this.round) this.fail(messageOf(error));
    }
  }

  private fail(cause: string): void {
    this.end(`It could not be trained: ${cause}.`);
  }

  private show(learned: readonly Learned[]): void {
    this.result.replaceChildren(
      ...learned[0].states.map(({ state, optimal }, index) =>
        make(
          'div',
          { class: 'game-state' },
          make('h3', {}, `State ${state}`),
          make(
            'div',
            { class: 'columns' },
            stateTable('Payoff: the largest discounted return', optimal),
            ...learned.map(({ name, states }) =>
              stateTable(`Q_tot of ${name}`, states[index].joint ?? [], states[index].greedy),
            ),
          ),
        ),
      ),
      make(
        'p',
        { class: 'hint' },
        'Rows are agent 1’s actions, columns agent 2’s. The greedy joint action is framed.',
      ),
    );
  }

  private close(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private end(text: string): void {
    this.round++;
    this.close();
    this.meter.hidden = true;
    this.meterText.textContent = '';
    this.note.textContent = text;
    const focused = document.activeElement === this.stop;
    this.stop.disabled = true;
    this.train.disabled = false;
    if (focused) this.train.focus();
  }
}

const stateTable = (
  caption: string,
  values: readonly (readonly number[])[],
  greedy?: readonly number[],
): HTMLTableElement =>
  valueTable({
    caption,
    corner: 'action',
    rows: ACTION_NAMES,
    columns: ACTION_NAMES,
    values,
    ...(greedy && { greedy }),
  });

/** Trains a run to its end; resolves to what its learner has learned. Rejects with the reason where it fails. */
async function trained(
  service: TwoStepConnection['service'],
  settings: readonly string[],
  progress: (updates: number) => void,
): Promise<readonly GameState[]> {
  let tell: (end: RunEnd) => void = () => {};
  const ended = new Promise<RunEnd>((resolve) => {
    tell = resolve;
  });
  const listener: RunListener = {
    begun: () => {},
    changed: () => {},
    restarted: () => {},
    lost: () => {},
    progress: (_state: RunState, { updates }: Progress) => progress(updates),
    rows: () => {},
    ended: (end) => tell(end),
    saved: () => {},
  };
  // Called from the worker where the service is in one.
  const { problems } = await service.begin(settings, false, proxy(listener));
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  const { state, reason: cause } = await ended;
  if (state === 'failed' || state === 'stopped') throw new Error(cause || state);
  return service.game(0);
}

const count = (value: number): string => value.toLocaleString('en');
