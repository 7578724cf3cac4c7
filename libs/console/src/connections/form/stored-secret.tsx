import { Button, Input } from '@mantine/core';
import { IconLock, IconLockOff, IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import type { SecretState, VendorField } from '../../api/types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { INPUT_ORDER } from './input-props.ts';
import classes from './stored-secret.module.css';

export interface StoredSecretProps {
  readonly field: VendorField;
  readonly stored: SecretState;
  /** Whether it goes with the next save. */
  readonly isLeaving: boolean;
  readonly description: ReactNode;
  readonly error: ReactNode;
  readonly onReplace: () => void;
  readonly onRemove: () => void;
  readonly onKeep: () => void;
}

/** What is known of a stored secret, and what can be done with it. */
export function StoredSecret(props: StoredSecretProps) {
  const { field, stored, isLeaving, description, error, onReplace, onRemove, onKeep } = props;
  const label = useId();
  return (
    <Input.Wrapper
      label={field.label}
      labelElement="div"
      labelProps={{ id: label }}
      description={description}
      error={error}
      required={field.required}
      inputWrapperOrder={INPUT_ORDER}
    >
      <div role="group" aria-labelledby={label} className={classes.row}>
        {isLeaving ? <Leaving isGenerated={field.generated} /> : <Set stored={stored} />}
        <span className={classes.actions}>
          {isLeaving ? (
            <Button variant="default" size="xs" onClick={onKeep}>
              Keep it
            </Button>
          ) : (
            <>
              <Button variant="default" size="xs" onClick={onReplace}>
                Replace
              </Button>
              {!field.required && (
                <Button variant="default" size="xs" onClick={onRemove}>
                  {field.generated ? 'Make a new one' : 'Remove'}
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
    <span className={classes.state}>
      <IconLock size={16} aria-hidden className={classes.icon} />
      <SecretInWords stored={stored} />
    </span>
  );
}

function Leaving({ isGenerated }: { readonly isGenerated: boolean }) {
  const Icon = isGenerated ? IconRefresh : IconLockOff;
  return (
    <span className={classes.state} data-leaving>
      <Icon size={16} aria-hidden className={classes.icon} />
      {isGenerated ? 'A new one is made when you save.' : 'Removed when you save.'}
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
