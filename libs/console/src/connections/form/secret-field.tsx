import { Button, Input, PasswordInput, Textarea, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconLock, IconLockOff, IconRefresh } from '@tabler/icons-react';
import { useId, useRef } from 'react';
import type { SecretState } from '../../api/types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { type FieldInputProps, hasContent, labelsOf, PLAIN_TEXT, withNotices } from './form-item.tsx';
import { KEPT, type SecretEdit } from './form-values.ts';
import classes from './form.module.css';
import { pasteNotice } from './validate.ts';

/** Neither browsers nor password managers offer to store the value or to fill it in. */
const NOT_STORED = {
  ...PLAIN_TEXT,
  autoComplete: 'new-password',
  'data-1p-ignore': true,
  'data-bwignore': true,
  'data-lpignore': 'true',
  'data-form-type': 'other',
} as const;

interface SecretFieldProps extends FieldInputProps<SecretEdit> {
  readonly stored: SecretState | undefined;
  /** Why a stored secret must be entered again; undefined if it need not. */
  readonly renewalReason: string | undefined;
}

/** A secret. A stored one is never shown: the field says that it is set, and offers to replace it. */
export function SecretField({ stored, renewalReason, ...props }: SecretFieldProps) {
  const { field, value: edit, onChange, error, description } = props;
  const place = useRef<HTMLDivElement>(null);
  const mustRenew = renewalReason !== undefined && edit.mode === 'keep';
  /** The pressed button disappears: the focus moves to what replaces it. */
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
    ...NOT_STORED,
    ...labelsOf({ ...props, description: withNotices(description, isUnexplained ? renewalReason : undefined, notice) }),
    placeholder: field.generated ? 'Leave empty to generate one' : field.placeholder,
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
        // Mantine marks only the frame of the input.
        <PasswordInput {...input} aria-invalid={error ? true : undefined} />
      )}
      {canKeep && (
        <UnstyledButton className={classes.keep} onClick={() => change(KEPT)}>
          Keep the stored value
          <VisuallyHidden> ({field.label})</VisuallyHidden>
        </UnstyledButton>
      )}
    </div>
  );
}

interface StoredSecretProps extends Pick<FieldInputProps<SecretEdit>, 'field' | 'error' | 'description'> {
  readonly stored: SecretState;
  /** Whether the next save removes it. */
  readonly isLeaving: boolean;
  readonly onReplace: () => void;
  readonly onRemove: () => void;
  readonly onKeep: () => void;
}

/** The state of a stored secret, and the buttons to replace or remove it. */
function StoredSecret(props: StoredSecretProps) {
  const { field, stored, isLeaving, onReplace, onRemove, onKeep } = props;
  const label = useId();
  return (
    <Input.Wrapper {...labelsOf(props)} labelElement="div" labelProps={{ id: label }}>
      <div role="group" aria-labelledby={label} className={classes.stored}>
        {isLeaving ? <Leaving isGenerated={field.generated} /> : <Set stored={stored} />}
        <span className={classes.storedActions}>
          {isLeaving ? (
            <Button variant="default" size="xs" onClick={onKeep}>
              Keep
            </Button>
          ) : (
            <>
              <Button variant="default" size="xs" onClick={onReplace}>
                Replace
              </Button>
              {!field.required && (
                <Button variant="default" size="xs" onClick={onRemove}>
                  {field.generated ? 'Generate a new one' : 'Remove'}
                </Button>
              )}
            </>
          )}
        </span>
      </div>
    </Input.Wrapper>
  );
}

function Set({ stored }: { readonly stored: SecretState }) {
  return (
    <span className={classes.storedState}>
      <IconLock size={16} aria-hidden className={classes.storedIcon} />
      <SecretInWords stored={stored} />
    </span>
  );
}

function Leaving({ isGenerated }: { readonly isGenerated: boolean }) {
  const Icon = isGenerated ? IconRefresh : IconLockOff;
  return (
    <span className={classes.storedState} data-leaving>
      <Icon size={16} aria-hidden className={classes.storedIcon} />
      {isGenerated ? 'A new one is generated when you save.' : 'Removed when you save.'}
    </span>
  );
}

/** "Set, ends in 3f9c · 3 days ago". */
export function SecretInWords({ stored: { hint, updatedAt } }: { readonly stored: SecretState }) {
  return (
    <span>
      Set
      {hint !== null && (
        <>
          , ends in <code className={classes.hint}>{hint}</code>
        </>
      )}
      <span className={classes.when}>
        {' · '}
        <RelativeTime at={updatedAt} />
      </span>
    </span>
  );
}
