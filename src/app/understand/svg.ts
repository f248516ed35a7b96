const NAMESPACE = 'http://www.w3.org/2000/svg';

/** An SVG element with attributes and children. Colours come from the style sheet, by `class`. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: (Node | string)[]
): SVGElement {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A picture of this width and height, in units of its own, that says itself in `label`. */
export const picture = (width: number, height: number, label: string, ...children: Node[]): SVGElement =>
  svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, ...children);
