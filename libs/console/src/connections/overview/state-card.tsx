import { Stack, Text } from '@mantine/core';
import type { Connection } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { Fact, Facts } from '../../ui/fact.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Moment, RelativeTime } from '../../ui/relative-time.tsx';
import { ConnectionState } from '../connection-state.tsx';
import classes from './overview-tab.module.css';

export function StateCard({ connection }: { readonly connection: Connection }) {
  const { id, lastTest, createdAt, updatedAt } = connection;
  const mayManage = useMayManage();
  return (
    <Card title="Status">
      <div className={classes.state}>
        <Stack gap="sm" align="flex-start">
          <ConnectionState connection={connection} />
          <Text size="sm">
            {lastTest === null ? (
              'Not tested yet.'
            ) : (
              <>
                Last test {lastTest.ok ? 'passed' : 'failed'} <RelativeTime at={lastTest.testedAt} />.
              </>
            )}
          </Text>
          <ButtonLink to="/connections/$id/test" params={{ id }} variant="default" size="xs">
            {mayManage ? 'Test Connection' : 'View tests'}
          </ButtonLink>
        </Stack>
        <Facts>
          {lastTest !== null && (
            <Fact name="Last test">
              <Moment at={lastTest.testedAt} />
            </Fact>
          )}
          <Fact name="Created">
            <Moment at={createdAt} />
          </Fact>
          <Fact name="Updated">
            <Moment at={updatedAt} />
          </Fact>
        </Facts>
      </div>
    </Card>
  );
}
