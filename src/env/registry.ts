import type { EnvironmentKind } from './kind.ts';
import { matrix } from './matrix.ts';
import { meetingGridworld } from './meeting_gridworld.ts';
import { switchAndDoor } from './switch_and_door.ts';
import { twoStep } from './two_step.ts';

/** The environments that come with the project, by name. Another one is a file in this folder and a line here. */
const kinds: Readonly<Record<string, EnvironmentKind>> = {
  'meeting-gridworld': meetingGridworld,
  'two-step': twoStep,
  matrix,
  'switch-and-door': switchAndDoor,
};

export const environmentNames = Object.keys(kinds);

/** The environment of this name; undefined where none that comes with the project has it. */
export const environmentKind = (name: string): EnvironmentKind | undefined =>
  Object.hasOwn(kinds, name) ? kinds[name] : undefined;

/** Whether an environment's name is that of a module file, which users write. */
export const isModuleFile = (name: string): boolean => /\.m?js$/.test(name);
