import { HeldFocus } from './held_focus.ts';
import type { RunState } from './service.ts';

/** What the page as a whole is at. */
export type PageState = 'opening' | 'idle' | 'preparing' | RunState;

const BUTTONS = ['start', 'pause', 'step', 'stop', 'reset'] as const;
export type ControlName = (typeof BUTTONS)[number];

/** In which states each can be pressed. */
const ENABLED: Readonly<Record<ControlName, readonly PageState[]>> = {
  start: ['idle', 'paused', 'solved', 'finished', 'stopped', 'failed'],
  pause: ['preparing', 'training'],
  step: ['idle', 'training', 'paused', 'stopped'],
  stop: ['training', 'paused'],
  reset: ['preparing', 'training', 'paused', 'solved', 'finished', 'stopped', 'failed'],
};

/** The buttons of training, and the speed. */
export class Controls {
  private readonly buttons = new Map(
    BUTTONS.map((name) => [name, document.getElementById(name) as HTMLButtonElement]),
  );
  private readonly select = document.getElementById('speed') as HTMLSelectElement;
  private readonly focus = new HeldFocus([...this.buttons.values()]);

  constructor(press: (name: ControlName) => void, onSpeed: (stepsPerSecond: number) => void) {
    for (const [name, button] of this.buttons) button.addEventListener('click', () => press(name));
    this.select.addEventListener('change', () => onSpeed(this.speed));
  }

  /** Steps of all environments a second. */
  get speed(): number {
    return Number(this.select.value);
  }

  /** Sets what can be pressed. */
  enter(state: PageState): void {
    this.focus.keep(() => {
      for (const [name, button] of this.buttons) button.disabled = !ENABLED[name].includes(state);
    });
  }
}
