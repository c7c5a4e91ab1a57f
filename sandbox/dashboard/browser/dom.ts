type Child = Node | string | number | null | undefined | false;
// biome-ignore lint/suspicious/noExplicitAny: each listener takes the event of its own name
type Attributes = Record<string, ((event: any) => void) | string | number | boolean | null | undefined>;

/**
 * Creates an element. Text goes in as text nodes, so that data is never parsed as HTML.
 *
 * @param attributes - `on…` are listeners; `undefined`, `null` and `false` are left out
 */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** The element with an id. */
export function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`There is no #${id}`);
  return element;
}
