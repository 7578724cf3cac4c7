import { Pill, PillsInput, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { type ClipboardEvent, type KeyboardEvent, useState } from 'react';
import { LIMITS } from '../../api/rules.ts';
import { entriesIn } from '../../api/validation.ts';
import { type EffectiveMode, modeNotice } from '../mode-words.ts';
import classes from './test.module.css';

type Recipients = ReturnType<typeof useRecipients>;

/** The recipients of a test: those that were entered, and the text that is not a recipient yet. */
export function useRecipients() {
  const [to, setTo] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  const replace = (recipients: readonly string[]) => {
    setTo(recipients);
    setError(undefined);
  };
  return {
    to,
    typed,
    error,
    setTo: replace,
    setTyped,
    setError,
    /** Turns a text into recipients, without repetitions. @returns all recipients */
    take: (text: string): readonly string[] => {
      const all = [...new Set([...to, ...entriesIn(text)])];
      replace(all);
      setTyped('');
      return all;
    },
    /** Whether the test sends messages, or only checks the connection. */
    isSending: to.length > 0 || typed.trim() !== '',
  };
}

interface RecipientsInputProps {
  readonly recipients: Recipients;
  /** What happens to the messages; undefined while it is not known. */
  readonly mode: EffectiveMode | undefined;
}

/**
 * The recipients of a test, typed or pasted. The last one stays text when the field loses focus: if it became a pill then,
 * the button below would move away under the pointer.
 */
export function RecipientsInput({ recipients, mode }: RecipientsInputProps) {
  const { to, setTo, typed, setTyped, take, error } = recipients;
  const onKeyDown = (event: KeyboardEvent) => {
    if (['Enter', ',', ';', ' '].includes(event.key) && typed.trim() !== '') {
      event.preventDefault();
      take(typed);
    } else if (event.key === 'Backspace' && typed === '' && to.length > 0) {
      setTo(to.slice(0, -1));
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text');
    if (entriesIn(pasted).length < 2) return;
    event.preventDefault();
    take(`${typed} ${pasted}`);
  };

  const notice = mode === undefined ? undefined : modeNotice(mode);
  return (
    <Stack gap="sm">
      <PillsInput
        label="Recipients"
        description={`Up to ${String(LIMITS.testRecipients)} addresses. Leave empty to check the connection without sending.`}
        error={error}
      >
        <Pill.Group>
          {to.map((recipient) => (
            <Pill
              key={recipient}
              size="md"
              className={classes.recipient}
              withRemoveButton
              removeButtonProps={{ 'aria-label': `Remove ${recipient}`, 'aria-hidden': false, tabIndex: 0 }}
              onRemove={() => setTo(to.filter((each) => each !== recipient))}
            >
              {recipient}
            </Pill>
          ))}
          <PillsInput.Field
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            placeholder={to.length === 0 ? 'you@example.com' : undefined}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
        </Pill.Group>
      </PillsInput>
      {/* Announced when it changes with the mode or the connection. */}
      <div role="status">
        {notice !== undefined && (
          <div className={classes.warning}>
            <IconInfoCircle size={18} aria-hidden className={classes.warningIcon} />
            <Text size="sm" className={classes.notice}>
              {notice}
            </Text>
          </div>
        )}
      </div>
    </Stack>
  );
}
