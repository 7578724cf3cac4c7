import type { Page } from 'playwright-core';

/** Longer than any page needs to show an element, on a busy machine. */
const PATIENCE_MS = 60_000;
/** More than any page has elements. */
const MIN_STEPS = 120;

/** The name of the focused element as a screen reader reads it: label, then text. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return '';
  const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ').trim();
  return (element.getAttribute('aria-label') || labelledBy || labels || element.textContent || '').replace(/ \\*$/, '').trim();
})()`;

/** The focused element, and the elements around it that may show its focus. */
const PLACES = `(() => {
  const element = document.activeElement;
  // A row or a card shows the focus of its link, a segment that of its hidden radio button.
  const places = [element, element.nextElementSibling, ...(element.labels ?? [])].filter(Boolean);
  for (let place = element.parentElement; place !== null && places.length < 8; place = place.parentElement) places.push(place);
  return places;
})()`;
/** What the style sheets of the console select these elements by: elements that have all of it in common show their focus alike. */
const STYLED_BY = `JSON.stringify(${PLACES}.map((place) =>
  [place.localName, ...[...place.attributes].filter(({ name }) => !/^(id|for|href|name|value|title|aria-(label|labelledby|describedby|controls|owns))$/.test(name)).map(({ name, value }) => name + '=' + value)],
))`;

/** A user without a mouse. */
export class KeyboardUser {
  /** What was seen to show its focus. */
  private static readonly seen = new Set<string>();

  constructor(private readonly page: Page) {}

  /**
   * Presses Tab until an element with this name has the focus.
   * @param key `Shift+Tab` for an element that is nearer in the other direction
   * @throws Error with the passed elements if none has the name, or if the focus is not visible there.
   */
  async goTo(name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const passed: string[] = [];
    const end = Date.now() + PATIENCE_MS;
    for (let step = 0; step < MIN_STEPS || Date.now() < end; step++) {
      const focused = await this.page.evaluate<string>(FOCUSED);
      if (typeof name === 'string' ? focused === name : name.test(focused)) {
        await this.assertFocusIsSeen(focused);
        return;
      }
      passed.push(focused);
      await this.page.keyboard.press(key);
    }
    throw new Error(`${key} does not lead to ${String(name)}. It led to: ${[...new Set(passed)].join(' | ')}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Replaces the present value. */
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

  async activateBefore(name: string | RegExp): Promise<void> {
    await this.goTo(name, 'Shift+Tab');
    await this.press('Enter');
  }

  /** An outline, a border or a shadow that only the focused element has (WCAG 2.2, 2.4.7). */
  private async assertFocusIsSeen(name: string): Promise<void> {
    const styledBy = await this.page.evaluate<string>(STYLED_BY);
    if (KeyboardUser.seen.has(styledBy)) return;
    const isSeen = await this.page.evaluate<boolean>(`(async () => {
      const isChanging = () => document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running');
      // A transition starts when the browser has drawn its first frame, which takes several on a busy machine.
      const painted = async () => {
        do await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        while (isChanging());
      };
      const element = document.activeElement;
      const places = ${PLACES};
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
    if (!isSeen) throw new Error(`The focus of "${name}" is not visible.`);
    KeyboardUser.seen.add(styledBy);
  }
}
