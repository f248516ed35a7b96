type Child = Node | string;
type Properties = Readonly<Record<string, unknown>>;

/**
 * An element with properties and children. Names with a dash, and `role`, become attributes; `class` the class
 * list; all else is set as a property. Texts become text: nothing is ever parsed as HTML.
 */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') element.className = String(value);
    else if (name.includes('-') || name === 'role' || name === 'for')
      element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}
