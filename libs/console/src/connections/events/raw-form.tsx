import { Button, CopyButton, Group, Text, Title } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { EventDetails } from '../../api/types.ts';
import classes from './raw-form.module.css';

/** The event in the vendor's own form. */
export function RawForm({ raw }: Pick<EventDetails, 'raw'>) {
  const text = raw === null ? undefined : JSON.stringify(raw, null, 2);
  return (
    <section aria-label="As the vendor sent it">
      <Group justify="space-between" mb="xs" mih={30}>
        <Title order={3} size="h6">
          As the vendor sent it
        </Title>
        {text !== undefined && (
          <CopyButton value={text} timeout={2_000}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                onClick={copy}
                leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {text === undefined ? (
        <Text size="sm" c="dimmed">
          There is no such form: the event was made here, or it is no longer kept.
        </Text>
      ) : (
        // What scrolls can be scrolled with the keyboard.
        <pre className={classes.raw} tabIndex={0} role="region" aria-label="Raw form">
          {text}
        </pre>
      )}
    </section>
  );
}
