import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { testsQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { inWords } from '../../ui/in-words.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { ConnectionState } from '../connection-state.tsx';
import { ButtonLink } from '../../ui/links.tsx';

export function StateCard({ connection }: { readonly connection: Connection | undefined }) {
  return (
    <Card title="State">
      {connection === undefined ? <Skeleton h={88} aria-hidden /> : <State connection={connection} />}
    </Card>
  );
}

function State({ connection }: { readonly connection: Connection }) {
  const { id, lastTest } = connection;
  const mayManage = useMayManage();
  return (
    <Stack gap="sm" align="flex-start" mih={88}>
      <ConnectionState connection={connection} />
      {lastTest === null ? (
        <Text size="sm">Nobody has tested this connection yet.</Text>
      ) : (
        <div>
          <Text size="sm">
            {lastTest.ok ? 'Everything went well when it was last tested, ' : `${inWords(lastTest.code ?? 'failed')}, `}
            <RelativeTime at={lastTest.testedAt} />.
          </Text>
          {!lastTest.ok && <Remedy id={id} />}
        </div>
      )}
      <ButtonLink to="/connections/$id/test" params={{ id }} variant="default" size="xs">
        {mayManage ? 'Test Connection' : 'See the tests'}
      </ButtonLink>
    </Stack>
  );
}

/** What the last test said is to be done. */
function Remedy({ id }: { readonly id: string }) {
  const tests = useQuery(testsQuery(id));
  const hint = tests.data?.[0]?.diagnosis.error?.hint;
  // One line is kept for it while it loads.
  return (
    <Text size="sm" c="dimmed" mt={2} mih={22}>
      {hint}
    </Text>
  );
}
