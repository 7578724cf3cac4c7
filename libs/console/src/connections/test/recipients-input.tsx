import { Pill, PillsInput } from '@mantine/core';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import { addressesIn, MOST_RECIPIENTS, withTyped } from './recipients.ts';
import classes from './recipients-input.module.css';

export interface RecipientsInputProps {
  readonly value: readonly string[];
  readonly onChange: (recipients: readonly string[]) => void;
  /** What is being typed and is not a recipient yet. */
  readonly typed: string;
  readonly onType: (typed: string) => void;
  readonly error?: string | undefined;
}

/**
 * The recipients of a test, typed or pasted. The last one stays text when the field loses focus: if it became a pill then,
 * the button below would move away under the pointer.
 */
export function RecipientsInput({ value, onChange, typed, onType, error }: RecipientsInputProps) {
  const take = (text: string) => {
    onChange(withTyped(value, text));
    onType('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (['Enter', ',', ';', ' '].includes(event.key) && typed.trim() !== '') {
      event.preventDefault();
      take(typed);
    } else if (event.key === 'Backspace' && typed === '' && value.length > 0) {
      onChange(value.slice(0, -1));
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text');
    if (addressesIn(pasted).length < 2) return;
    event.preventDefault();
    take(`${typed} ${pasted}`);
  };

  return (
    <PillsInput
      label="Recipients"
      description={`Up to ${String(MOST_RECIPIENTS)} addresses. Leave empty to check the connection without sending.`}
      error={error}
    >
      <Pill.Group>
        {value.map((recipient) => (
          <Pill
            key={recipient}
            size="md"
            className={classes.recipient}
            withRemoveButton
            removeButtonProps={{ 'aria-label': `Remove ${recipient}`, 'aria-hidden': false, tabIndex: 0 }}
            onRemove={() => onChange(value.filter((each) => each !== recipient))}
          >
            {recipient}
          </Pill>
        ))}
        <PillsInput.Field
          inputMode="email"
          autoComplete="off"
          spellCheck={false}
          placeholder={value.length === 0 ? 'you@example.com' : undefined}
          value={typed}
          onChange={(event) => onType(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
      </Pill.Group>
    </PillsInput>
  );
}
