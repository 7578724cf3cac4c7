import { Button, Group, Text, Title } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { EventDetails } from '../../api/types.ts';
import { CopyOutcome } from '../../ui/copy-outcome.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import classes from './raw-form.module.css';

/** The event in the vendor's own form. */
export function RawForm({ raw }: Pick<EventDetails, 'raw'>) {
  const text = raw === null ? undefined : JSON.stringify(raw, null, 2);
  const { copy, isCopied, isRefused, place } = useCopy<HTMLPreElement>(text ?? '');
  return (
    <section aria-label="As the vendor sent it">
      <Group justify="space-between" mb="xs" mih={30}>
        <Title order={3} size="h6">
          As the vendor sent it
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
      {text === undefined ? (
        <Text size="sm" c="dimmed">
          There is no such form: the event was made here, or it is no longer kept.
        </Text>
      ) : (
        // What scrolls can be scrolled with the keyboard.
        <pre ref={place} className={classes.raw} tabIndex={0} role="region" aria-label="Raw form">
          {text}
        </pre>
      )}
      <CopyOutcome isCopied={isCopied} isRefused={isRefused} />
    </section>
  );
}
