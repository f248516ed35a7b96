const KEY = 'qmix-tab';

/** Tabs as the ARIA authoring practices have them: arrow keys move, the tab that has the focus is shown. A reload shows it again. */
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
    const last = lastTab();
    this.show(panelOf(this.tabs.find((tab) => panelOf(tab) === last) ?? this.tabs[0]));
  }

  show(panel: string): void {
    for (const tab of this.tabs) {
      const shown = panelOf(tab) === panel;
      tab.setAttribute('aria-selected', String(shown));
      tab.tabIndex = shown ? 0 : -1;
      document.getElementById(panelOf(tab))!.hidden = !shown;
    }
    rememberTab(panel);
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

/** Panel that this window showed last; empty where nothing is remembered. */
function lastTab(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function rememberTab(panel: string): void {
  try {
    sessionStorage.setItem(KEY, panel);
  } catch {
    // Denied: a reload shows the first tab.
  }
}

const panelOf = (tab: HTMLElement): string => tab.getAttribute('aria-controls')!;
