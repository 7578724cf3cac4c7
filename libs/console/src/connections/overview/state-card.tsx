import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { testsQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { Fact, Facts } from '../../ui/fact.tsx';
import { Moment, RelativeTime } from '../../ui/relative-time.tsx';
import { ConnectionState } from '../connection-state.tsx';
import { codeInWords } from '../test/failure-words.ts';
import classes from './overview-tab.module.css';
import { ButtonLink } from '../../ui/links.tsx';

export function StateCard({ connection }: { readonly connection: Connection }) {
  const { id, lastTest, createdAt, updatedAt } = connection;
  const mayManage = useMayManage();
  return (
    <Card title="State">
      <div className={classes.state}>
        <Stack gap="sm" align="flex-start">
          <ConnectionState connection={connection} />
          {lastTest === null ? (
            <Text size="sm">Nobody has tested this connection yet.</Text>
          ) : (
            <div>
              <Text size="sm">
                {lastTest.ok
                  ? 'Everything went well when it was last tested, '
                  : `${codeInWords(lastTest.code ?? 'failed')}, `}
                <RelativeTime at={lastTest.testedAt} />.
              </Text>
              {!lastTest.ok && <Remedy id={id} />}
            </div>
          )}
          <ButtonLink to="/connections/$id/test" params={{ id }} variant="default" size="xs">
            {mayManage ? 'Test Connection' : 'See the tests'}
          </ButtonLink>
        </Stack>
        <Facts>
          {lastTest !== null && (
            <Fact name="Last test">
              <Moment at={lastTest.testedAt} />
            </Fact>
          )}
          <Fact name="Added">
            <Moment at={createdAt} />
          </Fact>
          <Fact name="Changed">
            <Moment at={updatedAt} />
          </Fact>
        </Facts>
      </div>
    </Card>
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
