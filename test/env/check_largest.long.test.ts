import { expect, it } from 'vitest';
import { check } from './checked.ts';

it('plays what has the largest sizes, in few steps', async () => {
  const largest = {
    agents: 16,
    actions: 4096,
    observationSize: 65_536,
    stateSize: 65_536,
    episodeLimit: 100_000,
  };
  const huge = () => {
    let t = 0;
    const look = () => ({
      observations: Array.from({ length: 16 }, () => new Float32Array(65_536).fill(t)),
      state: new Array(65_536).fill(t),
      actionMask: Array.from({ length: 16 }, () => new Uint8Array(4096).fill(1)),
    });
    return {
      ...largest,
      reset: () => {
        t = 0;
        return look();
      },
      step: () => {
        t++;
        return { ...look(), reward: 0, terminated: false };
      },
    };
  };
  const { broken, episodes, steps, sizes } = await check(huge);
  expect(broken).toBeUndefined();
  expect(sizes).toEqual({ ...largest, masked: true });
  expect(episodes).toBe(1);
  expect(steps).toBeGreaterThan(2);
  // A step hands over 1.2 million numbers: as many steps as the check reads numbers for.
  expect(steps).toBeLessThan(50);
});
