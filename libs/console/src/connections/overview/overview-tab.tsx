import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery, REFRESH_MS, vendorsQuery } from '../../api/queries.ts';
import type { Connection, DailyAllowance } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { ButtonLink, TextLink } from '../../ui/buttons.tsx';
import { Card, Fact, Facts } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Moment, RelativeTime } from '../../ui/relative-time.tsx';
import { ConnectionState, WebhookStatus } from '../connection-summary.tsx';
import { limitsInWords } from '../form/limits.ts';
import { usageCount } from '../usages/usage-words.ts';
import { CountsCard } from './counts-card.tsx';
import { LatestEventsCard } from './latest-events-card.tsx';
import { NextSteps } from './next-steps.tsx';
import classes from './overview.module.css';

const route = getRouteApi('/app/connections/$id/');

/** The state of a connection at a glance. */
export function OverviewTab() {
  const { id } = route.useParams();
  // Refreshed as often as the events below, so that they agree.
  const connection = useQuery({ ...connectionQuery(id), refetchInterval: REFRESH_MS }).data;
  const vendors = useQuery(vendorsQuery);
  if (connection === undefined || vendors.isPending) return <OverviewSkeleton />;
  const reported = vendors.data?.find(({ vendor }) => vendor === connection.vendor)?.capabilities.events;
  return (
    <Stack gap="lg">
      {vendors.data === undefined && vendors.error !== null && (
        <Failure
          error={vendors.error}
          title="Could not load the vendor’s capabilities"
          onRetry={() => void vendors.refetch()}
        />
      )}
      <NextSteps connection={connection} />
      <div className={classes.pair}>
        <StateCard connection={connection} />
        <SendingCard connection={connection} />
      </div>
      <CountsCard id={id} reported={reported} />
      <LatestEventsCard id={id} />
    </Stack>
  );
}

function OverviewSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true">
      <div className={classes.pair}>
        <Skeleton h={256} radius={14} />
        <Skeleton h={256} radius={14} />
      </div>
      <Skeleton h={240} radius={14} />
    </Stack>
  );
}

function StateCard({ connection }: { readonly connection: Connection }) {
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

function SendingCard({ connection }: { readonly connection: Connection }) {
  const { id, fromEmail, fromName, limits, allowance, webhook, usages } = connection;
  return (
    <Card title="Sending">
      <Facts>
        <Fact name="From email">{fromEmail ?? 'None'}</Fact>
        <Fact name="From name">{fromName ?? 'None'}</Fact>
        {limits !== null && <Fact name="Sending limits">{limitsInWords(limits)}</Fact>}
        {allowance !== null && (
          <Fact name="Sent today">
            <SentToday allowance={allowance} />
          </Fact>
        )}
        {webhook.supported && (
          <>
            <Fact name="Webhook">
              <WebhookStatus state={webhook.state} />
            </Fact>
            {/* Not "last event": the events below include those of sending, which no webhook reports. */}
            <Fact name="Last webhook event">
              {webhook.lastEventAt === null ? 'None yet' : <Moment at={webhook.lastEventAt} />}
            </Fact>
          </>
        )}
        <Fact name="Used by">
          {usages.total === 0 ? (
            usageCount(usages)
          ) : (
            <TextLink inherit to="/connections/$id/used-by" params={{ id }}>
              {usageCount(usages)}
            </TextLink>
          )}
        </Fact>
      </Facts>
    </Card>
  );
}

const number = new Intl.NumberFormat('en');

/** What was sent of the emails of today. */
function SentToday({ allowance: { emails, used, resetsAt } }: { readonly allowance: DailyAllowance }) {
  const limit = `${number.format(emails)} ${emails === 1 ? 'email' : 'emails'}`;
  return (
    <>
      {used === null ? `Not available, at most ${limit}` : `${number.format(used)} of ${limit}`}
      {' · resets '}
      <RelativeTime at={resetsAt} />
    </>
  );
}
