const KEY = 'qmix-shown';

/** Id of the run that this browser's page showed last; empty where there was none, or nothing is remembered. */
export function lastShown(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

export function remember(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Denied: a run that was training is still found, by its state.
  }
}
