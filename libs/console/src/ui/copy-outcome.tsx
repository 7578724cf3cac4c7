import { Text } from '@mantine/core';
import { Announcement } from './announcement.tsx';
import type { Copy } from './use-copy.ts';

const BY_HAND = 'It cannot be copied from here. Select it and copy it by hand.';

/** Announces to screen readers whether something was copied, and what to do if it was not. */
export function CopyOutcome({ isCopied, isRefused }: Pick<Copy<HTMLElement>, 'isCopied' | 'isRefused'>) {
  return (
    <>
      <Announcement>{isCopied ? 'Copied' : isRefused ? BY_HAND : ''}</Announcement>
      {isRefused && (
        <Text size="sm" mt={4}>
          {BY_HAND}
        </Text>
      )}
    </>
  );
}
