import { Accordion, Button, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { testsQuery } from '../../api/queries.ts';
import type { ConnectionTest, Diagnosis } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ExactTime, RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { DiagnosisView } from './diagnosis-view.tsx';
import { codeInWords, measured } from './failure-words.ts';
import classes from './test.module.css';
import { FixButton } from './vendor-failure.tsx';

const FIRST = 8;
const ACCORDION = {
  item: classes.historyItem,
  control: classes.historyControl,
  label: classes.historyLabel,
  content: classes.historyContent,
};

/** The tests of a connection, newest first; each can be expanded. */
export function TestHistory({ id }: { readonly id: string }) {
  const { data: tests, error, refetch } = useQuery(testsQuery(id));
  return (
    <Card title="History" description="The last 50 tests with this connection’s own sender.">
      {tests !== undefined ? (
        <Tests id={id} tests={tests} />
      ) : error === null ? (
        <Skeleton h={144} aria-hidden />
      ) : (
        <Failure error={error} title="Could not load the tests" onRetry={() => void refetch()} />
      )}
    </Card>
  );
}

function Tests({ id, tests }: { readonly id: string; readonly tests: readonly ConnectionTest[] }) {
  const [opened, setOpened] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  if (tests.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Not tested yet.
      </Text>
    );
  }
  const shown = isWhole ? tests : tests.slice(0, FIRST);
  return (
    <Stack gap="sm">
      <Accordion value={opened} onChange={setOpened} order={3} classNames={ACCORDION}>
        {shown.map(({ testedAt, diagnosis }) => (
          <Accordion.Item key={testedAt} value={testedAt}>
            <Accordion.Control>
              <Summary testedAt={testedAt} diagnosis={diagnosis} />
            </Accordion.Control>
            <Accordion.Panel>
              {opened === testedAt && (
                <Stack gap="md">
                  <Text size="sm" c="dimmed">
                    Tested on <ExactTime at={testedAt} />
                  </Text>
                  <DiagnosisView
                    diagnosis={diagnosis}
                    isNew={false}
                    action={<FixButton id={id} error={diagnosis.error} />}
                  />
                </Stack>
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {shown.length < tests.length && (
        <Button variant="default" size="xs" onClick={() => setWhole(true)} className={classes.more}>
          Show {tests.length - shown.length} earlier
        </Button>
      )}
    </Stack>
  );
}

function Summary({ testedAt, diagnosis }: ConnectionTest) {
  return (
    <span className={classes.summary}>
      <span>{diagnosis.ok ? <Status tone="ok">Passed</Status> : <Status tone="bad">Failed</Status>}</span>
      <span className={classes.what}>{whatOf(diagnosis)}</span>
      <span className={classes.when}>
        <RelativeTime at={testedAt} />
      </span>
    </span>
  );
}

function whatOf({ error, sent, durationMs }: Diagnosis): string {
  const what = error !== undefined ? codeInWords(error.code) : sent === undefined ? 'No message sent' : reached(sent);
  return `${what}, ${measured(durationMs)}`;
}

function reached({ accepted }: NonNullable<Diagnosis['sent']>): string {
  const [first = 'no one', ...others] = accepted;
  return others.length === 0 ? `Sent to ${first}` : `Sent to ${first} and ${String(others.length)} more`;
}
