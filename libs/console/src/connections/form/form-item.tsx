import type { ReactNode } from 'react';
import type { VendorField } from '../../api/types.ts';
import classes from './form.module.css';

/** The error is right below the input, the help below it. */
export const INPUT_ORDER: ('label' | 'input' | 'error' | 'description')[] = ['label', 'input', 'error', 'description'];

/** No suggestions, corrections or spell checking by the browser. */
export const PLAIN_TEXT = {
  autoComplete: 'off',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
} as const;

/** The props of every kind of input. */
export interface FieldInputProps<Value> {
  readonly field: VendorField;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly error: ReactNode;
  readonly description: ReactNode;
}

type Described = Pick<FieldInputProps<unknown>, 'field' | 'error' | 'description'>;

/** The label, the help and the error of a field, as every input of Mantine takes them. */
export function labelsOf({ field, error, description }: Described) {
  return { label: field.label, description, error, required: field.required, inputWrapperOrder: INPUT_ORDER };
}

/** The help of a field below warnings about its present value. */
export function withNotices(description: ReactNode, ...notices: readonly (string | undefined)[]): ReactNode {
  return (
    <>
      {notices.map(
        (notice) =>
          notice !== undefined && (
            <span key={notice} className={classes.notice}>
              {notice}{' '}
            </span>
          ),
      )}
      {description}
    </>
  );
}

/** Whether there is anything to show. */
export function hasContent(node: ReactNode): boolean {
  return node !== undefined && node !== null && node !== '';
}

interface FormItemProps {
  /** The path of its value in the form. */
  readonly path: string;
  readonly children: ReactNode;
}

/** Marks the place of an input, so that `focusFirst` finds it. */
export function FormItem({ path, children }: FormItemProps) {
  return <div data-path={path}>{children}</div>;
}

/** Focuses the first of these inputs, in the order of the page. */
export function focusFirst(form: HTMLElement, paths: readonly string[]): void {
  const items = form.querySelectorAll<HTMLElement>('[data-path]');
  const first = Array.from(items).find(({ dataset }) => paths.includes(dataset['path'] ?? ''));
  const input = first?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea, button');
  input?.scrollIntoView({ block: 'center' });
  input?.focus({ preventScroll: true });
}
