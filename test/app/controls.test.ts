import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Controls } from '../../src/app/controls.ts';
import { Notices } from '../../src/app/notices.ts';

/** As much of a button as the controls need. */
class FakeButton extends EventTarget {
  disabled = true;
  value = 'Infinity';

  constructor(readonly id: string) {
    super();
  }

  focus(): void {
    fake.activeElement = this;
  }
}

const body = { id: 'body' };
const fake: { activeElement: unknown; body: unknown; getElementById?: unknown; createElement?: unknown } = {
  activeElement: body,
  body,
};
let elements: Map<string, FakeButton>;
beforeEach(() => {
  elements = new Map(
    ['start', 'pause', 'step', 'stop', 'reset', 'speed'].map((id) => [id, new FakeButton(id)]),
  );
  fake.activeElement = body;
  fake.getElementById = (id: string) => elements.get(id);
  vi.stubGlobal('document', fake);
  vi.stubGlobal('HTMLButtonElement', FakeButton);
});
afterEach(() => vi.unstubAllGlobals());

describe('the buttons of training', () => {
  test.each([
    ['opening', []],
    ['idle', ['start', 'step']],
    ['preparing', ['pause', 'reset']],
    ['training', ['pause', 'step', 'stop', 'reset']],
    ['paused', ['start', 'step', 'stop', 'reset']],
    ['stopped', ['start', 'step', 'reset']],
    ['solved', ['start', 'reset']],
    ['finished', ['start', 'reset']],
    ['failed', ['start', 'reset']],
  ] as const)('can be pressed where that makes sense: %s', (state, enabled) => {
    new Controls(
      () => {},
      () => {},
    ).enter(state);
    const all = [...elements.values()].filter(({ id, disabled }) => id !== 'speed' && !disabled);
    expect(all.map(({ id }) => id)).toEqual(enabled);
  });

  test('hand the focus on, at once or when one can be pressed, unless it has gone elsewhere', () => {
    const controls = new Controls(
      () => {},
      () => {},
    );
    const focused = () => (fake.activeElement as { id: string }).id;
    controls.enter('idle');
    expect(focused(), 'which none had').toBe('body');
    elements.get('start')!.focus();
    controls.enter('preparing');
    expect(focused()).toBe('pause');
    controls.enter('training');
    expect(focused(), 'which can still be pressed').toBe('pause');
    controls.enter('opening');
    // A browser takes it from the button a moment later.
    controls.enter('idle');
    expect(focused()).toBe('start');
    controls.enter('opening');
    fake.activeElement = body;
    controls.enter('idle');
    expect(focused()).toBe('start');
    controls.enter('opening');
    fake.activeElement = { id: 'field' };
    controls.enter('idle');
    expect(focused()).toBe('field');
    controls.enter('opening');
    fake.activeElement = body;
    controls.enter('idle');
    expect(focused(), 'which was not on a button').toBe('body');
  });

  test('tell which was pressed, and how fast it is to go', () => {
    const told: unknown[] = [];
    new Controls(
      (name) => told.push(name),
      (speed) => told.push(speed),
    );
    for (const id of ['start', 'stop', 'reset']) elements.get(id)!.dispatchEvent(new Event('click'));
    const speed = elements.get('speed')!;
    for (const value of ['25', 'Infinity']) {
      speed.value = value;
      speed.dispatchEvent(new Event('change'));
    }
    expect(told).toEqual(['start', 'stop', 'reset', 25, Number.POSITIVE_INFINITY]);
  });
});

test('notices of each kind stand beside each other, and replace their own alone', () => {
  fake.createElement = () => {
    const made = {
      text: '',
      append: (text: string) => {
        made.text = text;
      },
    };
    return made;
  };
  const shown: string[][] = [];
  const notices = new Notices({
    replaceChildren: (...all: { text: string }[]) => shown.push(all.map(({ text }) => text)),
  } as unknown as HTMLElement);
  const last = (count: number) => {
    expect(shown).toHaveLength(count);
    return shown.at(-1);
  };
  notices.set('other', 'c');
  notices.set('kept', 'b');
  notices.set('device', 'a');
  expect(last(3)).toEqual(['a', 'b', 'c']);
  notices.set('kept', 'b');
  expect(last(3), 'not said again').toEqual(['a', 'b', 'c']);
  notices.set('kept', '');
  expect(last(4)).toEqual(['a', 'c']);
  notices.set('device', 'd');
  expect(last(5)).toEqual(['d', 'c']);
  notices.clear();
  expect(last(7)).toEqual([]);
  notices.set('device', 'd');
  expect(last(8)).toEqual(['d']);
});
