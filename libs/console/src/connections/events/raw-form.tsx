import { Button, Group, Text, Title } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { CopyOutcome } from '../../ui/copy-outcome.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { indented } from './exact-json.ts';
import classes from './raw-form.module.css';

export interface RawFormProps {
  /** As JSON; undefined if it is not stored. */
  readonly json: string | undefined;
}

/** The event as the vendor sent it, with all digits of its numbers. */
export function RawForm({ json }: RawFormProps) {
  const text = json === undefined ? undefined : indented(json);
  const { copy, isCopied, isRefused, place } = useCopy<HTMLPreElement>(text ?? '');
  return (
    <section aria-label="Raw event">
      <Group justify="space-between" mb="xs" mih={30}>
        <Title order={3} size="h6">
          Raw event
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
          Not available: the event was created by this service, or the vendor’s request is no longer stored.
        </Text>
      ) : (
        // Focusable, so that it can be scrolled with the keyboard.
        <pre ref={place} className={classes.raw} tabIndex={0} role="region" aria-label="Raw event as JSON">
          {text}
        </pre>
      )}
      <CopyOutcome isCopied={isCopied} isRefused={isRefused} />
    </section>
  );
}
