import './look_panel.css';
import type { Episode, Look, Mixing, Moment } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { colour } from '../theme.ts';
import { Surface } from './surface.ts';
import { describeWeights, greatest, jointAction, short } from './words.ts';
import type { World } from './world.ts';

const NEVER_NEGATIVE =
  'Never negative: the mixing weights are made positive and the ELU between them rises, so Q_tot rises with each ' +
  'agent’s Q. That is why the actions of highest Q, each agent’s own, are together the joint action of highest Q_tot.';

const CAPTION = 'Q-values of each agent’s actions';

/** A row of weights, as bars. */
interface Strip {
  readonly row: HTMLElement;
  readonly surface: Surface;
  weights: readonly number[];
  largest: number;
}

/** What the networks say of one moment of an episode: Q-values, Q_tot, TD error, slopes, and the mixer's weights. */
export class LookPanel {
  private world: World | undefined;
  /** [N][A] */
  private cells: HTMLTableCellElement[][] = [];
  private readonly numbers = new Map<string, HTMLElement>();
  private bars: { row: HTMLElement; bar: HTMLElement; value: HTMLElement }[] = [];
  private strips: Strip[] = [];
  private readonly caption = make('caption');
  private readonly note = make('p', { class: 'hint' });
  private readonly slopeNote = make('p', { class: 'hint' });
  private readonly mixerNote = make('p', { class: 'hint' });
  private readonly firstText = make('p', { class: 'hint' });
  private readonly secondText = make('p', { class: 'hint' });
  private readonly slopes = make('dl', { class: 'look-slopes' });
  private readonly mixer = make('div', { class: 'look-strips' });
  private readonly inner = make('div', { class: 'look' });
  /** Of what was made for the present run. */
  private life = new AbortController();

  constructor(root: HTMLElement) {
    root.append(this.inner);
  }

  /** An empty panel, of the run that is to be shown next. */
  clear(world: World): void {
    this.life.abort();
    this.life = new AbortController();
    this.world = world;
    const agents = world.pieces.slice(0, world.agents);
    this.numbers.clear();
    this.cells = agents.map(() => world.actions.map(() => make('td', {}, '–')));
    const rows = agents.map((name, agent) =>
      make('tr', {}, make('th', { scope: 'row' }, name), ...this.cells[agent]),
    );
    const heads = world.actions.map((name) => make('th', { scope: 'col' }, name));
    const table = make(
      'table',
      { class: 'look-table' },
      this.caption,
      make('thead', {}, make('tr', {}, make('td'), ...heads)),
      make('tbody', {}, ...rows),
    );
    this.caption.textContent = CAPTION;
    this.bars = agents.map((name, agent) => this.makeBar(name, agent));
    this.strips = [...agents, ''].map((name, agent) => this.makeStrip(name, agent));
    this.slopes.replaceChildren(...this.bars.map(({ row }) => row));
    this.firstText.textContent = '';
    this.secondText.textContent = '';
    const strips = this.strips.map(({ row }) => row);
    this.mixer.replaceChildren(
      make('h4', {}, 'First layer: weights w1 of each agent’s Q'),
      ...strips.slice(0, -1),
      this.firstText,
      make('h4', {}, 'Second layer: weights w2'),
      ...strips.slice(-1),
      this.secondText,
    );
    this.note.textContent = '';
    this.slopeNote.textContent = '';
    this.mixerNote.textContent = '';
    this.inner.replaceChildren(
      make('div', { class: 'look-scroll', tabIndex: 0, role: 'group', 'aria-label': 'Q-values' }, table),
      make('p', { class: 'hint' }, 'Framed and bold: greedy. “illegal”: leads off the grid.'),
      this.makeNumbers(),
      this.note,
      make('h3', {}, 'How Q_tot rises with each agent’s Q: ∂Q_tot/∂Q'),
      this.slopes,
      this.slopeNote,
      make('h3', {}, 'What the hypernetworks make of this state: the mixer'),
      this.mixer,
      this.mixerNote,
    );
    this.mixer.hidden = true;
  }

  /** Shows moment `index` of an episode. `clear` comes first. `learner`: whose networks these are, where it is to be said. */
  show(episode: Episode, index: number, learner = ''): void {
    const { world } = this;
    if (!world) throw new Error('LookPanel: show before clear');
    const moment = episode.moments[index];
    this.caption.textContent = learner ? `${CAPTION}: ${learner}` : CAPTION;
    this.showValues(moment.look);
    this.showNumbers(episode, index, world);
    const ended = index === episode.moments.length - 1 && episode.outcome === 'solved';
    this.note.textContent = ended
      ? 'The episode has terminated: nothing is to be expected from here, whatever the networks say.'
      : `Greedy joint action: ${jointAction(moment.look.greedy, world)}.`;
    this.showSlopes(moment);
    this.showMixing(moment.look.mixing);
  }

  private showValues({ q, legal, greedy }: Look): void {
    for (const [agent, row] of this.cells.entries()) {
      for (const [action, cell] of row.entries()) {
        const best = action === greedy[agent];
        const text = legal[agent][action] ? short(q[agent][action]) : 'illegal';
        cell.className = best ? 'look-greedy' : legal[agent][action] ? '' : 'look-illegal';
        cell.replaceChildren(text, ...(best ? [make('span', { class: 'unseen' }, ' greedy')] : []));
      }
    }
  }

  private makeNumbers(): HTMLElement {
    const names = [
      ['total', 'Q_tot of the greedy joint action'],
      ['reward', 'Reward of the step to here'],
      ['error', 'TD error of that step'],
      ['length', 'Steps of this episode / optimal'],
    ];
    const list = make('dl', { class: 'look-numbers' });
    for (const [key, name] of names) {
      const value = make('dd', {}, '–');
      this.numbers.set(key, value);
      list.append(make('div', {}, make('dt', {}, name), value));
    }
    return list;
  }

  private showNumbers({ moments, optimal, outcome }: Episode, index: number, { agents }: World): void {
    const { look, reward, tdError } = moments[index];
    const set = (key: string, text: string) => {
      this.numbers.get(key)!.textContent = text;
    };
    const steps = moments.length - 1;
    set('total', look.qTotal === undefined ? 'none: no mixer' : short(look.qTotal));
    set('reward', short(reward));
    const mean = look.qTotal === undefined && index > 0 ? ` (mean of ${agents} agents)` : '';
    set('error', `${short(tdError)}${mean}`);
    const best = Number.isNaN(optimal) ? 'not known' : optimal;
    set('length', `${outcome === 'solved' ? steps : 'not solved'} / ${best}`);
  }

  private makeBar(name: string, agent: number) {
    const bar = make('div', { class: 'look-bar' });
    bar.style.background = `var(--agent-${agent % 4})`;
    const value = make('span', {}, '–');
    const row = make(
      'div',
      { class: 'look-slope' },
      make('dt', {}, name),
      make('dd', {}, make('div', { class: 'look-track', 'aria-hidden': 'true' }, bar), value),
    );
    return { row, bar, value };
  }

  private showSlopes({ look: { slopes, mixing } }: Moment): void {
    this.slopes.hidden = slopes === undefined;
    if (!slopes) {
      this.slopeNote.textContent =
        'There is no Q_tot here, and no slope of it: without a mixer each agent learns for itself, from the joint reward.';
      return;
    }
    const largest = Math.max(...slopes);
    for (const [agent, { bar, value }] of this.bars.entries()) {
      bar.style.width = `${largest > 0 ? (100 * slopes[agent]) / largest : 0}%`;
      value.textContent = short(slopes[agent]);
    }
    this.slopeNote.textContent = mixing
      ? NEVER_NEGATIVE
      : 'Q_tot is the sum of the agents’ Q: every slope is 1, always.';
  }

  private makeStrip(name: string, agent: number): Strip {
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    const last = agent === this.world!.agents;
    const row = make('div', { class: 'look-strip' }, make('span', {}, name), canvas);
    const paint = last ? 'accent' : `agent-${agent % 4}`;
    const strip: Strip = {
      row,
      surface: new Surface(
        canvas,
        (context, width, height) => drawBars(context, width, height, strip, paint),
        this.life.signal,
      ),
      weights: [],
      largest: 1,
    };
    return strip;
  }

  private showMixing(mixing: Mixing | undefined): void {
    this.mixer.hidden = mixing === undefined;
    this.mixerNote.textContent = mixing
      ? 'One bar a unit of the mixing network, from 0; agents share one scale.'
      : 'There are no hypernetworks here: they are QMIX’s, whose mixer changes with the state.';
    if (!mixing) return;
    const { w1, w2 } = mixing;
    const rows = [...w1, w2];
    const largest = greatest(w1.flat());
    for (const [row, strip] of this.strips.entries()) {
      strip.weights = rows[row];
      strip.largest = row < w1.length ? largest : greatest(w2);
      strip.surface.draw();
    }
    this.firstText.textContent = `${w1.length} × ${w2.length} weights: ${describeWeights(w1.flat())}.`;
    this.secondText.textContent = `${w2.length} weights: ${describeWeights(w2)}.`;
  }
}

/** One bar a weight, from 0 at the bottom to the largest at the top. */
function drawBars(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { weights, largest }: Strip,
  paint: string,
): void {
  context.fillStyle = colour('border');
  context.fillRect(0, height - 1, width, 1);
  context.fillStyle = colour(paint);
  const step = width / weights.length;
  const gap = step > 4 ? 1 : 0;
  for (const [at, weight] of weights.entries()) {
    const bar = largest > 0 ? (weight / largest) * (height - 2) : 0;
    context.fillRect(at * step, height - 1 - bar, Math.max(1, step - gap), bar);
  }
}
