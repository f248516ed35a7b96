import { describe, expect, it } from 'vitest';
import { formatSeeds, parseSeeds } from '../src/seeds.ts';

describe('seeds', () => {
  it('are read as numbers and ranges, both ends included, in the order in which they stand', () => {
    expect(parseSeeds('2025')).toEqual([2025]);
    expect(parseSeeds('1-5')).toEqual([1, 2, 3, 4, 5]);
    expect(parseSeeds(' 7 , 3-4,0')).toEqual([7, 3, 4, 0]);
    expect(parseSeeds('9-9')).toEqual([9]);
  });

  it.each(['', '5-3', '1-', '-1', '1.5', '1e3', '1,,2', 'all'])('are no "%s"', (text) => {
    expect(() => parseSeeds(text)).toThrow(/^seeds: got .*, allowed: whole numbers from 0 to 4294967295/);
  });

  it('are 4,096 at most, all together', () => {
    expect(parseSeeds('1-4096')).toHaveLength(4096);
    expect(parseSeeds('0,1-4095')).toHaveLength(4096);
    expect(() => parseSeeds('0-4096')).toThrow('allowed: at most 4096 seeds');
    expect(() => parseSeeds('0,1-4096')).toThrow('allowed: at most 4096 seeds');
  });

  it('are written as short as they are read, as a range from three on', () => {
    expect(formatSeeds([1, 2, 3, 4])).toBe('1-4');
    expect(formatSeeds([1, 2, 4, 5, 6, 9])).toBe('1,2,4-6,9');
    expect(formatSeeds([3, 2, 1])).toBe('3,2,1');
    expect(formatSeeds([1, 3, 5, 7])).toBe('1,3,5,7');
  });
});
