import { Text } from '@mantine/core';
import type { TrackedEvent } from '../../api/types.ts';
import { Fact } from '../../ui/fact.tsx';
import { BOUNCE_CLASSES } from './event-words.ts';

/** Why a message was not delivered. The reply of the server is a fact of its own. */
export function BounceFacts({ bounce }: { readonly bounce: NonNullable<TrackedEvent['bounce']> }) {
  const { code, enhancedCode, rule } = bounce;
  const { label, meaning } = BOUNCE_CLASSES[bounce.class];
  const codes = [code, enhancedCode].filter((each) => each !== undefined).join(' ');
  return (
    <>
      <Fact name="Bounce">
        {label}
        <Text size="sm" c="dimmed">
          {meaning}
        </Text>
      </Fact>
      {codes !== '' && (
        <Fact name="Status">
          <code>{codes}</code>
        </Fact>
      )}
      {rule !== undefined && (
        <Fact name="Vendor classification">
          <code>{rule}</code>
        </Fact>
      )}
    </>
  );
}
