import type { Page } from 'playwright-core';

const MAX_STEPS = 120;

/** How what has the focus is called, as a screen reader says it: label, then text. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return '';
  const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ').trim();
  return (element.getAttribute('aria-label') || labelledBy || labels || element.textContent || '').replace(/ \\*$/, '').trim();
})()`;

/** Somebody who has no mouse. */
export class KeyboardUser {
  constructor(private readonly page: Page) {}

  /**
   * Goes on with Tab until something of this name has the focus.
   * @throws Error that names what was passed, if there is no such thing, or the focus cannot be seen there.
   */
  async goTo(name: string | RegExp): Promise<void> {
    const passed: string[] = [];
    for (let step = 0; step < MAX_STEPS; step++) {
      const focused = await this.page.evaluate<string>(FOCUSED);
      if (typeof name === 'string' ? focused === name : name.test(focused)) {
        await this.assertFocusIsSeen(focused);
        return;
      }
      passed.push(focused);
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${String(name)}. It led to: ${[...new Set(passed)].join(' | ')}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** In the place of whatever is there. */
  async type(text: string): Promise<void> {
    await this.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }

  async fill(name: string | RegExp, text: string): Promise<void> {
    await this.goTo(name);
    await this.type(text);
  }

  async activate(name: string | RegExp, key = 'Enter'): Promise<void> {
    await this.goTo(name);
    await this.press(key);
  }

  /** An outline, a border or a shadow that is not there without the focus (WCAG 2.2, 2.4.7). */
  private async assertFocusIsSeen(name: string): Promise<void> {
    const isSeen = await this.page.evaluate<boolean>(`(async () => {
      const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const element = document.activeElement;
      // A row or a card shows the focus of its link, a segment that of its hidden radio button.
      const places = [element, element.nextElementSibling, ...(element.labels ?? [])].filter(Boolean);
      for (let place = element.parentElement; place !== null && places.length < 8; place = place.parentElement) places.push(place);
      const look = (one, pseudo) => { const s = getComputedStyle(one, pseudo); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.borderColor, s.boxShadow, s.backgroundColor].join(); };
      const looks = () => places.flatMap((one) => [look(one), look(one, '::after')]).join(';');
      await painted();
      const focused = looks();
      element.blur();
      await painted();
      const blurred = looks();
      element.focus({ focusVisible: true });
      await painted();
      return focused !== blurred;
    })()`);
    if (!isSeen) throw new Error(`Nothing shows that "${name}" has the focus.`);
  }
}
