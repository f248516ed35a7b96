/** Colours for canvases: those of the style sheet, which follow light and dark. */

/** The value of a custom property of the style sheet, as it is now. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const isMotionReduced = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Calls `redraw` whenever the colours have changed. */
export function onColourChange(redraw: () => void): void {
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}
