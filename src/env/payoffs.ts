/** Payoffs of matrix games that have a name, by what follows the name's colon. */
const named: Readonly<Record<string, (k: number) => number[][]>> = {
  // Son et al. 2019 (QTRAN), table 1: what a monotonic mixer cannot represent.
  penalised: () => [
    [8, -12, -12],
    [-12, 0, 0],
    [-12, 0, 0],
  ],
  // Both from Claus and Boutilier 1998; the penalty game with its columns in another order.
  climbing: () => [
    [11, -30, 0],
    [-30, 7, 0],
    [0, 6, 5],
  ],
  penalty: (k) => [
    [-k, 0, 10],
    [0, 2, 0],
    [10, 0, -k],
  ],
};
const DEFAULT_PENALTY = 100;

/** The payoff that a text names (penalised, climbing, penalty, penalty:K) or spells as JSON; the text itself where it does neither. */
export function parsePayoff(text: string): unknown {
  const name = /^(penalised|climbing|penalty)$|^penalty:(\d{1,6}(?:\.\d+)?)$/.exec(text.trim());
  if (name) return named[name[1] ?? 'penalty'](Number(name[2] ?? DEFAULT_PENALTY));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The shortest text that `parsePayoff` reads as this payoff: its name where it has one, else JSON. */
export function formatPayoff(rows: readonly (readonly number[])[]): string {
  const json = JSON.stringify(rows);
  const names = ['penalised', 'climbing', 'penalty', `penalty:${-rows[0][0]}`];
  return names.find((name) => JSON.stringify(parsePayoff(name)) === json) ?? json;
}
