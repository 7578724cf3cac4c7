import { Button, Group, Text, Title } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useCopy } from './copy-field.tsx';
import classes from './ui.module.css';

interface SourceViewProps {
  /** What the text is: "Raw event". */
  readonly title: string;
  /** Undefined if it is not available. */
  readonly text: string | undefined;
  /** The accessible name of the text. */
  readonly label: string;
  /** Why there is no text, or what is special about it. */
  readonly note?: string | undefined;
}

/** A text as another system sent it, to read and to copy. */
export function SourceView({ title, text, label, note }: SourceViewProps) {
  const { copy, isCopied, place, outcome } = useCopy<HTMLPreElement>(text ?? '');
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb="xs" mih={30}>
        <Title order={3} size="h6">
          {title}
        </Title>
        {text !== undefined && (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={isCopied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {isCopied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </Group>
      {note !== undefined && (
        <Text size="sm" c="dimmed" mb={text === undefined ? 0 : 'xs'}>
          {note}
        </Text>
      )}
      {text !== undefined && (
        // Focusable, so that it can be scrolled with the keyboard.
        <pre ref={place} className={classes.source} tabIndex={0} role="region" aria-label={label}>
          {text}
        </pre>
      )}
      {outcome}
    </section>
  );
}
