import { PasswordInput, Textarea, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useRef } from 'react';
import type { SecretState } from '../../api/types.ts';
import { type FieldInputProps, hasContent } from './field-input-props.ts';
import { KEPT, type SecretEdit } from './form-values.ts';
import { INPUT_ORDER, NOT_KEPT } from './input-props.ts';
import classes from './secret-field.module.css';
import { pasteNotice } from './paste-notice.ts';
import { StoredSecret } from './stored-secret.tsx';

export interface SecretFieldProps extends FieldInputProps<SecretEdit> {
  readonly stored: SecretState | undefined;
  /** Why a stored secret must be entered again; undefined while it need not. */
  readonly renewalReason: string | undefined;
}

/** A secret: written, never shown. One that is stored says so, until somebody replaces it. */
export function SecretField({ stored, renewalReason, ...props }: SecretFieldProps) {
  const { field, value: edit, onChange, error, description } = props;
  const place = useRef<HTMLDivElement>(null);
  const mustRenew = renewalReason !== undefined && edit.mode === 'keep';
  /** What was pressed is gone afterwards: the focus goes on to what came in its place. */
  const change = (next: SecretEdit) => {
    onChange(next);
    requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('input, textarea, button')?.focus());
  };

  if (stored !== undefined && !mustRenew && edit.mode !== 'replace') {
    return (
      <div ref={place}>
        <StoredSecret
          field={field}
          stored={stored}
          isLeaving={edit.mode === 'remove'}
          description={description}
          error={error}
          onReplace={() => change({ mode: 'replace', value: '' })}
          onRemove={() => change({ mode: 'remove', value: '' })}
          onKeep={() => change(KEPT)}
        />
      </div>
    );
  }
  const notice = pasteNotice(edit.value, false);
  const isUnexplained = renewalReason !== undefined && edit.value === '' && !hasContent(error);
  const input = {
    ...NOT_KEPT,
    label: field.label,
    error,
    description: (
      <>
        {isUnexplained && <span className={classes.notice}>{renewalReason} </span>}
        {notice !== undefined && <span className={classes.notice}>{notice} </span>}
        {description}
      </>
    ),
    required: field.required,
    placeholder: field.generated ? 'Leave empty to have one made' : field.placeholder,
    inputWrapperOrder: INPUT_ORDER,
    value: edit.value,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ mode: 'replace', value: event.currentTarget.value }),
  };
  const canKeep = stored !== undefined && renewalReason === undefined;
  return (
    <div ref={place}>
      {field.multiline ? (
        <Textarea {...input} autosize minRows={3} maxRows={10} classNames={{ input: classes.masked }} />
      ) : (
        // Mantine marks only what stands around the input.
        <PasswordInput {...input} aria-invalid={error ? true : undefined} />
      )}
      {canKeep && (
        <UnstyledButton className={classes.keep} onClick={() => change(KEPT)}>
          Keep the stored one
          <VisuallyHidden> ({field.label})</VisuallyHidden>
        </UnstyledButton>
      )}
    </div>
  );
}
