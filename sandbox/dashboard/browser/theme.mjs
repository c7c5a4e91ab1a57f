import { find } from './dom.mjs';

const CHOICES = ['system', 'light', 'dark'];

/** The button that chooses between light and dark, and remembers it. */
export function startTheme() {
  const button = find('theme', HTMLButtonElement);
  const apply = (/** @type {string} */ choice) => {
    document.documentElement.dataset.theme = choice;
    button.textContent = `Theme: ${choice}`;
  };
  apply(localStorage.getItem('theme') ?? 'system');
  button.addEventListener('click', () => {
    const now = CHOICES.indexOf(document.documentElement.dataset.theme ?? 'system');
    const next = /** @type {string} */ (CHOICES[(now + 1) % CHOICES.length]);
    localStorage.setItem('theme', next);
    apply(next);
  });
}
