import { make } from '../dom.ts';

/**
 * A button that copies a text. Where the clipboard may not be written, the text is shown below, selected, to be copied
 * by hand.
 */
export class CopyText {
  readonly button: HTMLButtonElement;
  /** Where the text is shown, and what became of it said. */
  readonly outlet = make('div');
  private readonly said = make('p', { class: 'hint', 'aria-live': 'polite' });
  private text = '';

  constructor(name: string) {
    this.button = make('button', { type: 'button', disabled: true }, name);
    this.outlet.append(this.said);
    this.button.addEventListener('click', () => void this.copy());
  }

  /** What is to be copied; empty: there is nothing yet. */
  set content(text: string) {
    this.text = text;
    this.button.disabled = text === '';
    this.said.textContent = '';
    this.outlet.replaceChildren(this.said);
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.said.textContent = 'Copied.';
      this.outlet.replaceChildren(this.said);
    } catch {
      const area = make('textarea', {
        class: 'copied-text',
        readOnly: true,
        rows: 12,
        'aria-label': 'Text to be copied by hand',
      });
      area.value = this.text;
      this.said.textContent = 'This browser does not let the page copy: the text is here, selected.';
      this.outlet.replaceChildren(this.said, area);
      area.focus();
      area.select();
    }
  }
}
