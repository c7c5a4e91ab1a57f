import { find } from './dom.ts';

const CHOICES = ['system', 'light', 'dark'];

/** The button that chooses between light and dark, and remembers the choice. */
export function startTheme(): void {
  const button = find('theme', HTMLButtonElement);
  const apply = (choice: string) => {
    document.documentElement.dataset.theme = choice;
    button.textContent = `Theme: ${choice}`;
  };
  apply(localStorage.getItem('theme') ?? 'system');
  button.addEventListener('click', () => {
    const current = CHOICES.indexOf(document.documentElement.dataset.theme ?? 'system');
    const next = CHOICES[(current + 1) % CHOICES.length] ?? 'system';
    localStorage.setItem('theme', next);
    apply(next);
  });
}
