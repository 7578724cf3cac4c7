import { Text } from '@mantine/core';
import { Announcement } from './announcement.tsx';
import type { Copy } from './use-copy.ts';

const MANUALLY = 'Could not copy. Select the text and copy it manually.';

/** Announces to screen readers whether something was copied, and what to do if it was not. */
export function CopyOutcome({ isCopied, isRefused }: Pick<Copy<HTMLElement>, 'isCopied' | 'isRefused'>) {
  return (
    <>
      <Announcement>{isCopied ? 'Copied' : isRefused ? MANUALLY : ''}</Announcement>
      {isRefused && (
        <Text size="sm" mt={4}>
          {MANUALLY}
        </Text>
      )}
    </>
  );
}
