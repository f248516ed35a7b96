/** Numbers as people read them: a fixed number of places, a minus that is one, and no zero with a sign. */
export function decimal(value: number, places = 2): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The same, with a plus before what is more than nothing. */
export function signed(value: number, places = 2): string {
  const text = decimal(value, places);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** A number after another sign: in brackets where it has one of its own. */
export const bracketed = (value: number): string => (value < 0 ? `(${decimal(value)})` : decimal(value));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The smallest and the largest, without an argument for each. */
export function extent(values: readonly number[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}
