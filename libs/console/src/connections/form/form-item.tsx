import type { ReactNode } from 'react';

export interface FormItemProps {
  /** Where its value is in the form. */
  readonly path: string;
  readonly children: ReactNode;
}

/** Where an input stands, so that it can be gone to. */
export function FormItem({ path, children }: FormItemProps) {
  return <div data-path={path}>{children}</div>;
}

/** Brings the focus to the first of these inputs, in the order of the page. */
export function focusFirst(form: HTMLElement, paths: readonly string[]): void {
  const items = form.querySelectorAll<HTMLElement>('[data-path]');
  const first = Array.from(items).find(({ dataset }) => paths.includes(dataset['path'] ?? ''));
  const input = first?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea, button');
  input?.scrollIntoView({ block: 'center' });
  input?.focus({ preventScroll: true });
}
