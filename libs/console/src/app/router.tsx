import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { Problem } from '../api/problem.ts';
import { sessionQuery } from '../api/queries.ts';
import { ListPage } from '../connections/list/list-page.tsx';
import { SignInPage } from '../session/sign-in.tsx';
import { Shell } from '../shell/shell.tsx';
import { ErrorPage, NotFoundPage } from './error-pages.tsx';
import { queryClient } from './query-client.ts';
import {
  auditSearch,
  eventSearch,
  listSearch,
  liveSearch,
  newSearch,
  outgoingSearch,
  signInSearch,
  statisticsSearch,
  suppressionSearch,
  webhookSearch,
} from './search.ts';

const root = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: SignInPage,
});

/** Pages that need a session. Without one, the user signs in first and then returns to the address. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      const isStart = location.pathname === '/';
      redirect({ to: '/sign-in', search: isStart ? {} : { to: location.href }, replace: true, throw: true });
    }
  },
  component: Shell,
});

const start = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/connections', replace: true, throw: true });
  },
});

const list = createRoute({
  getParentRoute: () => app,
  path: '/connections',
  validateSearch: listSearch,
  component: ListPage,
});

const add = createRoute({
  getParentRoute: () => app,
  path: '/connections/new',
  validateSearch: newSearch,
  component: lazyRouteComponent(() => import('../connections/new/new-page.tsx'), 'NewPage'),
});

const connection = createRoute({
  getParentRoute: () => app,
  path: '/connections/$id',
  component: lazyRouteComponent(() => import('../connections/connection-page.tsx'), 'ConnectionPage'),
});

const overview = createRoute({
  getParentRoute: () => connection,
  path: '/',
  component: lazyRouteComponent(() => import('../connections/overview/overview-tab.tsx'), 'OverviewTab'),
});

const test = createRoute({
  getParentRoute: () => connection,
  path: '/test',
  component: lazyRouteComponent(() => import('../connections/test/test-tab.tsx'), 'TestTab'),
});

const webhook = createRoute({
  getParentRoute: () => connection,
  path: '/webhook',
  validateSearch: webhookSearch,
  component: lazyRouteComponent(() => import('../connections/webhook/webhook-tab.tsx'), 'WebhookTab'),
});

const events = createRoute({
  getParentRoute: () => connection,
  path: '/events',
  validateSearch: eventSearch,
  component: lazyRouteComponent(() => import('../connections/events/events-tab.tsx'), 'EventsTab'),
});

const statistics = createRoute({
  getParentRoute: () => connection,
  path: '/statistics',
  validateSearch: statisticsSearch,
  component: lazyRouteComponent(() => import('../connections/statistics/statistics-tab.tsx'), 'StatisticsTab'),
});

const usedBy = createRoute({
  getParentRoute: () => connection,
  path: '/used-by',
  component: lazyRouteComponent(() => import('../connections/usages/used-by-tab.tsx'), 'UsedByTab'),
});

const settings = createRoute({
  getParentRoute: () => connection,
  path: '/settings',
  component: lazyRouteComponent(() => import('../connections/settings/settings-tab.tsx'), 'SettingsTab'),
});

const live = createRoute({
  getParentRoute: () => app,
  path: '/events',
  validateSearch: liveSearch,
  component: lazyRouteComponent(() => import('../live/live-page.tsx'), 'LivePage'),
});

const allStatistics = createRoute({
  getParentRoute: () => app,
  path: '/statistics',
  validateSearch: statisticsSearch,
  component: lazyRouteComponent(() => import('../statistics/statistics-page.tsx'), 'StatisticsPage'),
});

const suppressions = createRoute({
  getParentRoute: () => app,
  path: '/suppressions',
  validateSearch: suppressionSearch,
  component: lazyRouteComponent(() => import('../suppressions/suppressions-page.tsx'), 'SuppressionsPage'),
});

const apiKeys = createRoute({
  getParentRoute: () => app,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('../api-keys/api-keys-page.tsx'), 'ApiKeysPage'),
});

const consumers = createRoute({
  getParentRoute: () => app,
  path: '/consumers',
  component: lazyRouteComponent(() => import('../consumers/consumers-page.tsx'), 'ConsumersPage'),
});

const outgoing = createRoute({
  getParentRoute: () => app,
  path: '/outgoing-webhooks',
  component: lazyRouteComponent(() => import('../outgoing/outgoing-page.tsx'), 'OutgoingPage'),
});

const endpoint = createRoute({
  getParentRoute: () => app,
  path: '/outgoing-webhooks/$id',
  validateSearch: outgoingSearch,
  component: lazyRouteComponent(() => import('../outgoing/endpoint-page.tsx'), 'EndpointPage'),
});

const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('../audit/audit-page.tsx'), 'AuditPage'),
});

/** Every other address, in the shell, so that the navigation stays. */
const notFound = createRoute({ getParentRoute: () => app, path: '$', component: NotFoundPage });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    app.addChildren([
      start,
      list,
      add,
      connection.addChildren([overview, test, webhook, events, statistics, usedBy, settings]),
      live,
      allStatistics,
      suppressions,
      apiKeys,
      outgoing,
      endpoint,
      audit,
      consumers,
      notFound,
    ]),
  ]),
  context: { queryClient },
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
