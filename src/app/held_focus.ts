/** Keeps the focus of those who use keys: a button that can no longer be pressed hands it on, at once or when one can. */
export class HeldFocus {
  /** The focus was on a button when none could be pressed any more. */
  private lost = false;

  /** `buttons`: those among which the focus goes to the first that can be pressed. */
  constructor(private readonly buttons: readonly HTMLButtonElement[]) {}

  /** Makes a change of what can be pressed. */
  keep(change: () => void): void {
    const focused = document.activeElement;
    const own = this.buttons.find((button) => button === focused);
    const held = own !== undefined || (this.lost && focused === document.body);
    change();
    this.lost = false;
    if (!held || own?.disabled === false) return;
    const next = this.buttons.find(({ disabled }) => !disabled);
    if (next) next.focus();
    else this.lost = true;
  }
}
