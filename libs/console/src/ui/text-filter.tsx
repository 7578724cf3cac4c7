import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type KeyboardEvent, useState } from 'react';

const TYPING_MS = 400;

interface TextFilterProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  readonly value: string | undefined;
  /** Whether the service finds something by this text. One that is only half typed waits for the Enter key. */
  readonly isComplete: (text: string) => boolean;
  readonly onFilter: (value: string | undefined) => void;
}

/** A filter that is typed. It takes effect when the user pauses, or presses Enter. */
export function TextFilter({ value = '', isComplete, onFilter, ...props }: TextFilterProps) {
  const [typed, setTyped] = useState(value);
  // When the URL changes otherwise (back, "Clear filters"), the field follows it.
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    if (typed.trim() !== value) setTyped(value);
  }
  const filterBy = (text: string) => {
    const wanted = text.trim();
    if (wanted !== value) onFilter(wanted === '' ? undefined : wanted);
  };
  const filterLater = useDebouncedCallback((text: string) => {
    if (text.trim() === '' || isComplete(text.trim())) filterBy(text);
  }, TYPING_MS);
  const submit = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    filterLater.cancel();
    filterBy(typed);
  };
  return (
    <TextInput
      {...props}
      type="search"
      autoComplete="off"
      spellCheck={false}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        filterLater(event.currentTarget.value);
      }}
      onKeyDown={submit}
    />
  );
}
