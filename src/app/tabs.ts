/** Tabs as the ARIA authoring practices have them: arrow keys move, the tab that has the focus is shown. */
export class Tabs {
  private readonly tabs: HTMLButtonElement[];

  /** `root` holds buttons of role tab, each with the id of its panel in aria-controls. `onShow` hears that id. */
  constructor(
    root: HTMLElement,
    private readonly onShow: (panel: string) => void,
  ) {
    this.tabs = [...root.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
    for (const tab of this.tabs) tab.addEventListener('click', () => this.show(panelOf(tab)));
    root.addEventListener('keydown', (event) => this.move(event));
    this.show(panelOf(this.tabs[0]));
  }

  show(panel: string): void {
    for (const tab of this.tabs) {
      const shown = panelOf(tab) === panel;
      tab.setAttribute('aria-selected', String(shown));
      tab.tabIndex = shown ? 0 : -1;
      document.getElementById(panelOf(tab))!.hidden = !shown;
    }
    this.onShow(panel);
  }

  private move(event: KeyboardEvent): void {
    const { tabs } = this;
    const at = tabs.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    const target: Record<string, number> = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    };
    const next = tabs[target[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
    this.show(panelOf(next));
  }
}

const panelOf = (tab: HTMLElement): string => tab.getAttribute('aria-controls')!;
