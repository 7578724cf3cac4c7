import { Breadcrumbs, Skeleton, Text, Title, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Problem } from '../api/problem.ts';
import { connectionQuery } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { NotFoundPage } from '../app/error-pages.tsx';
import { useMayManage } from '../session/session.ts';
import { Failure } from '../ui/failure.tsx';
import { useTitle } from '../ui/page.tsx';
import { useVendorName, VendorMark } from '../ui/vendor.tsx';
import { ConnectionMenu } from './connection-menu.tsx';
import classes from './connection-page.module.css';
import { ConnectionState, Restrictions } from './connection-summary.tsx';

const route = getRouteApi('/app/connections/$id');

const TABS = [
  ['/connections/$id', 'Overview'],
  ['/connections/$id/test', 'Test'],
  ['/connections/$id/webhook', 'Webhook'],
  ['/connections/$id/events', 'Events'],
  ['/connections/$id/statistics', 'Statistics'],
  ['/connections/$id/used-by', 'Used by'],
  ['/connections/$id/settings', 'Settings'],
] as const;

/** One connection: its name, its menu, and a tab for each part of it. */
export function ConnectionPage() {
  const { id } = route.useParams();
  const { data: connection, error, refetch } = useQuery(connectionQuery(id));
  const tab = useLocation({ select: ({ pathname }) => tabAt(pathname) });
  useTitle(connection === undefined || tab === undefined ? connection?.name : `${tab} · ${connection.name}`);
  if (connection === undefined && error instanceof Problem && error.status === 404) return <NotFoundPage />;

  return (
    <>
      <Breadcrumbs className={classes.trail} component="nav" aria-label="Breadcrumbs">
        <Link to="/connections">SMTP</Link>
        <Text span inherit c="dimmed" truncate>
          {connection?.name ?? 'Connection'}
        </Text>
      </Breadcrumbs>
      {connection === undefined ? <NoHeader isLoading={error === null} /> : <Header connection={connection} />}
      {connection === undefined && error !== null ? (
        <Failure error={error} title="Could not load the connection" onRetry={() => void refetch()} />
      ) : (
        <>
          <Tabs id={id} />
          {/* The tabs keep no state of another connection. */}
          <Outlet key={id} />
        </>
      )}
    </>
  );
}

/** The label of the tab at this address. */
function tabAt(path: string): string | undefined {
  const part = (address: string) => address.split('/')[3] ?? '';
  return TABS.find(([to]) => part(to) === part(path))?.[1];
}

function Tabs({ id }: { readonly id: string }) {
  const tabs = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  // Where not all tabs fit, the open one is scrolled into view.
  useEffect(() => {
    const open = tabs.current?.querySelector<HTMLElement>(`[href="${CSS.escape(path)}"]`);
    if (tabs.current !== null && open) tabs.current.scrollLeft = open.offsetLeft - tabs.current.offsetLeft;
  }, [path]);
  return (
    <nav ref={tabs} className={classes.tabs} aria-label="Connection">
      {TABS.map(([to, label]) => (
        <Link
          key={to}
          to={to}
          params={{ id }}
          activeOptions={{ exact: true, includeSearch: false }}
          className={classes.tab}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

function Header({ connection }: { readonly connection: Connection }) {
  const vendorName = useVendorName(connection.vendor);
  return (
    <header className={classes.header}>
      <VendorMark vendor={connection.vendor} displayName={vendorName} size={46} />
      <div className={classes.names}>
        <Title order={1} className={classes.name}>
          {connection.name}
        </Title>
        <div className={classes.line}>
          <span>{vendorName}</span>
          <Restrictions connection={connection} />
          <ConnectionState connection={connection} />
        </div>
      </div>
      <ConnectionMenu connection={connection} variant="button" />
    </header>
  );
}

function NoHeader({ isLoading }: { readonly isLoading: boolean }) {
  const mayManage = useMayManage();
  return (
    <>
      <VisuallyHidden component="h1">Connection</VisuallyHidden>
      {isLoading && (
        <div className={classes.header} aria-busy="true">
          <Skeleton w={46} h={46} radius={12} />
          <div className={classes.names}>
            <Skeleton w={220} h={20} my={5} />
            <Skeleton w={140} h={14} my={6} />
          </div>
          {mayManage && <Skeleton w={110} h={36} radius={8} />}
        </div>
      )}
    </>
  );
}
