import { expect, it } from 'vitest';
import { describeHolder, newOwner } from '../../src/node/lock_owner.ts';

it('says how long ago a holder was heard of, in a unit that fits', () => {
  const own = newOwner();
  const seen = (age: number): string => describeHolder(own, age)!.replace(/^.* was last seen /, '');
  expect([12, 119, 150, 7199, 7200, 10_800].map(seen)).toEqual([
    ...['12 s ago', '119 s ago', '3 min ago', '120 min ago', '2 h ago', '3 h ago'],
  ]);
});
