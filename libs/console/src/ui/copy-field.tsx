import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { Announcement } from './status.tsx';
import classes from './ui.module.css';

const SHOWN_MS = 2_000;
const MANUALLY = 'Could not copy. Select the text and copy it manually.';

interface CopyFieldProps {
  /** What the value is, for screen readers: "Webhook URL". */
  readonly label: string;
  readonly value: string;
}

/** A value with a button that copies it. The whole value is visible, and one click selects it. */
export function CopyField({ label, value }: CopyFieldProps) {
  const { copy, isCopied, place, outcome } = useCopy<HTMLElement>(value);
  return (
    <div>
      <div className={classes.copyField} role="group" aria-label={label}>
        <code ref={place} className={classes.copyValue}>
          {value}
        </code>
        <Tooltip label={isCopied ? 'Copied' : 'Copy'}>
          <ActionIcon onClick={copy} aria-label={`Copy: ${label}`} color={isCopied ? 'teal' : 'gray'} size="lg">
            {isCopied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </div>
      {outcome}
    </div>
  );
}

interface Copy<Place extends HTMLElement> {
  readonly copy: () => void;
  /** For a moment after the value was copied. */
  readonly isCopied: boolean;
  /** Where the value is shown. It is selected if the browser does not allow copying, as over plain HTTP. */
  readonly place: RefObject<Place | null>;
  /** Announces whether the value was copied, and shows what to do if it was not. */
  readonly outcome: ReactNode;
}

/** Copies a value that is on the page. */
export function useCopy<Place extends HTMLElement>(value: string): Copy<Place> {
  const { copy, copied, error } = useClipboard({ timeout: SHOWN_MS });
  const place = useRef<Place>(null);
  const isRefused = error !== null;
  useEffect(() => {
    if (isRefused && place.current !== null) getSelection()?.selectAllChildren(place.current);
  }, [isRefused]);
  const outcome = (
    <>
      <Announcement>{copied ? 'Copied' : isRefused ? MANUALLY : ''}</Announcement>
      {isRefused && (
        <Text size="sm" mt={4}>
          {MANUALLY}
        </Text>
      )}
    </>
  );
  return { copy: () => copy(value), isCopied: copied, place, outcome };
}
